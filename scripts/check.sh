#!/usr/bin/env bash
# Everything a change must pass; `scripts/check.sh static` leaves the tests out.
set -euo pipefail
cd "$(dirname "$0")/.."

ruff check .
ruff format --check .
mypy
if [ "${1:-}" != static ]; then
    pytest
fi
