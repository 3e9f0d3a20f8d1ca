#!/usr/bin/env bash
# Runs Meltano once per legal entity, all at the same time, each with its own state:
#   bash meltano.sh LOADER ENTITY...
# Streams are discovered and selected once for all legal entities, so that all runs agree on the columns. The loader
# creates the tables first, because runs at the same time would create them at the same time, which PostgreSQL refuses.
set -euo pipefail
export PGTZ=UTC # target-postgres stores times in the time zone of its session
loader=$1 folder=${YOUNIUM_FOLDER:-output/parts}
shift
mkdir -p "$folder"
export TAP_YOUNIUM__CATALOG=$folder/catalog.json

as_json() { python3 -c 'import json, sys; print(json.dumps(sys.argv[1:]))' "$@"; }

TAP_YOUNIUM_LEGAL_ENTITIES=$(as_json "$@")
export TAP_YOUNIUM_LEGAL_ENTITIES
env --unset=TAP_YOUNIUM__CATALOG \
    meltano invoke --refresh-catalog --dump=catalog tap-younium >"$TAP_YOUNIUM__CATALOG"
meltano invoke tap-younium --test=schema | meltano invoke "$loader"

running=() failed=0
for entity in "$@"; do
    TAP_YOUNIUM_LEGAL_ENTITIES=$(as_json "$entity") \
        meltano run --state-id-suffix "$entity" tap-younium "$loader" &
    running+=("$!")
done
for process in "${running[@]}"; do
    wait "$process" || failed=1
done
exit "$failed"
