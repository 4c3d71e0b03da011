#!/usr/bin/env bash
# Make the tuned MovieLens default that ships with the package. About 40 minutes on two cores; run it
# again after an interruption and it goes on where it stopped.
#
#     scripts/tune_default.sh [MINUTES] [SEED]
set -euo pipefail
cd "$(dirname "$0")/.."

out=runs/default
resume=()
if [ -d "$out.tuning" ]; then resume=(--resume); fi
m6rec tune movielens-default --out "$out" --minutes "${1:-30}" --seed "${2:-0}" "${resume[@]}"
rm -rf m6rec/default
cp -r "$out" m6rec/default
rm -rf m6rec/default/logs  # event files carry the name of the machine
du -sh m6rec/default
