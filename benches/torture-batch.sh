#!/usr/bin/env bash
# Kills jobs of amx batch at random moments: 500 rows, 20 kills each. Every row must have one line,
# and the printed number of rows that may be billed twice must cover those that were.
#
#   benches/torture-batch.sh [JOBS]   default 100
set -euo pipefail
cd "$(dirname "$0")/.."
AMX_TEST_BATCHES=${1:-100} cargo test --release --test cli batch::jobs::a_long_job
