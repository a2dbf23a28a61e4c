#!/usr/bin/env bash
# Tests the store under load, on this machine: concurrent turns from many processes are all kept,
# acknowledged writes survive when a writer is killed at any moment, and every request that was sent
# is in the ledger when its process is.
#
#   benches/torture-store.sh [PROCESSES] [TURNS] [KILLS]   default 32 processes with 200 turns each, 1000 kills
set -euo pipefail
cd "$(dirname "$0")/.."

export AMX_TEST_WRITERS=${1:-32} AMX_TEST_TURNS=${2:-200} AMX_TEST_KILLS=${3:-1000}
echo "store: $AMX_TEST_WRITERS processes x $AMX_TEST_TURNS turns, $AMX_TEST_KILLS kills"
exec cargo test --locked --test cli -- store_under_load killed_requests --test-threads 1 --nocapture
