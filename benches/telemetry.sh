#!/usr/bin/env bash
# What telemetry costs: the time to write an answer with a tool call as JSON (0.2 ms is the
# promise), and what it adds to the wall time of a question with each kind of collector.
#
#   benches/telemetry.sh [RUNS]   default 21 of each
set -euo pipefail
cd "$(dirname "$0")/.."
cargo test --release --lib -- --ignored --exact --nocapture telemetry::encoder::tests::measured_encoding |
    grep -E '^an answer|test result'
cargo build --release --locked --quiet
benches/telemetry.py "${1:-21}"
