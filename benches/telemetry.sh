#!/usr/bin/env bash
# How long it takes to write the telemetry of an answer with a tool call as JSON: 0.2 ms is the
# promise.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo test --release --lib -- --ignored --exact --nocapture telemetry::encoder::tests::measured_encoding |
    grep -E '^an answer|test result'
