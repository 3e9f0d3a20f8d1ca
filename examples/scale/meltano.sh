#!/usr/bin/env bash
# One `meltano run` for each legal entity, all at once, each with a state of its own:
#   bash examples/scale/meltano.sh LOADER ENTITY...
# Meltano discovers the tables once, with all entities, so that all runs agree on the columns.
set -euo pipefail
loader=$1 folder=${YOUNIUM_FOLDER:-output/parts}
shift
mkdir -p "$folder"

as_json() { python3 -c 'import json, sys; print(json.dumps(sys.argv[1:]))' "$@"; }

TAP_YOUNIUM_LEGAL_ENTITIES=$(as_json "$@") meltano invoke tap-younium --discover >"$folder/catalog.json"
export TAP_YOUNIUM__CATALOG=$folder/catalog.json

running=()
for entity in "$@"; do
    TAP_YOUNIUM_LEGAL_ENTITIES=$(as_json "$entity") \
        meltano run --state-id-suffix "$entity" tap-younium "$loader" &
    running+=("$!")
done
failed=0
for process in "${running[@]}"; do
    wait "$process" || failed=1
done
exit "$failed"
