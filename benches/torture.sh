#!/usr/bin/env bash
# Tests the configuration under load, on this machine: concurrent edits from many processes are all
# kept, and the file stays valid when a writer is killed at any moment.
#
#   benches/torture.sh [PROCESSES] [EDITS]   default 32 processes with 200 edits each
set -euo pipefail
cd "$(dirname "$0")/.."

readonly PROCESSES=${1:-32} EDITS=${2:-200}
readonly AMX=${AMX:-${CARGO_TARGET_DIR:-target}/release/amx}
HOME=$(mktemp -d)
export HOME AMX_NO_KEYRING=1
trap 'rm -rf "$HOME"' EXIT

edit() { "$AMX" add-llm-profile "$1" --no-input --provider demo --model demo/scripted > /dev/null; }

echo "edits: $PROCESSES processes x $EDITS edits"
for process in $(seq "$PROCESSES"); do
  (for number in $(seq "$EDITS"); do edit "p$process-$number"; done) &
done
wait
kept=$("$AMX" profiles list | tail -n +2 | wc -l)
echo "  expected $((PROCESSES * EDITS)), kept $kept"
[[ $kept == $((PROCESSES * EDITS)) ]]

echo "kills: 200 writers killed at a random moment"
rm -rf "$HOME/.amx"
edit first
whole=0
for number in $(seq 200); do
  "$AMX" add-llm-profile "k$number" --no-input --provider demo --model demo/scripted > /dev/null &
  writer=$!
  sleep "0.00$((RANDOM % 10))"
  kill -9 "$writer" 2> /dev/null || true
  wait "$writer" 2> /dev/null || true
  "$AMX" config validate > /dev/null && whole=$((whole + 1))
done
echo "  valid after $whole of 200 kills, $("$AMX" profiles list | tail -n +2 | wc -l) profiles written, temporary files left: $(find "$HOME/.amx" -name '.config.*' | wc -l)"
[[ $whole == 200 ]]
