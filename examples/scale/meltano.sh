#!/usr/bin/env bash
# Runs Meltano once per legal entity, each with its own state:
#   bash examples/scale/meltano.sh LOADER ENTITY...
# The runs are concurrent, except in the first load, where two would create the same table. Streams are discovered and
# selected once for all legal entities, so that all runs agree on the columns.
set -euo pipefail
loader=$1 folder=${YOUNIUM_FOLDER:-output/parts}
shift
catalog=$folder/catalog.json
mkdir -p "$folder"

as_json() { python3 -c 'import json, sys; print(json.dumps(sys.argv[1:]))' "$@"; }

TAP_YOUNIUM_LEGAL_ENTITIES=$(as_json "$@") \
    meltano invoke --refresh-catalog --dump=catalog tap-younium >"$catalog.new"

running=() failed=0
for entity in "$@"; do
    TAP_YOUNIUM__CATALOG=$catalog.new TAP_YOUNIUM_LEGAL_ENTITIES=$(as_json "$entity") \
        meltano run --state-id-suffix "$entity" tap-younium "$loader" &
    running+=("$!")
    [[ -e $catalog ]] || wait "$!" || failed=1 # the first load
done
for process in "${running[@]}"; do
    wait "$process" || failed=1
done
((failed)) || mv "$catalog.new" "$catalog"
exit "$failed"
