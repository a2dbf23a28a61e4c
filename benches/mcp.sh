#!/usr/bin/env bash
# What amx adds to a call of an MCP server over stdio, in milliseconds: 1,000 calls of a stub server
# through amx, and the same requests written to it directly. Fails above 1.5 ms.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo test --release --lib -- --ignored --exact --nocapture mcp::servers::tests::measured_calls |
    grep -E '^a call|test result'
