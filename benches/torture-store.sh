#!/usr/bin/env bash
# Measures promises about stored conversations under load, on this machine only: turns that many
# processes append at once are all kept, and what was acknowledged survives writers killed at any moment.
#
#   benches/torture-store.sh [PROCESSES] [TURNS] [KILLS]   default 32 processes with 200 turns each, 1000 kills
set -euo pipefail
cd "$(dirname "$0")/.."

export AMX_TEST_WRITERS=${1:-32} AMX_TEST_TURNS=${2:-200} AMX_TEST_KILLS=${3:-1000}
echo "store: $AMX_TEST_WRITERS processes x $AMX_TEST_TURNS turns, $AMX_TEST_KILLS kills"
exec cargo test --locked --test cli store_under_load -- --test-threads 1 --nocapture
