#!/usr/bin/env bash
# Peak memory of amx with large attachments and large answers, against a scripted model on the
# loopback address.
#
#   benches/memory.sh [MIB]                a request of about so many MiB (default 51): two PDFs
#   AMX=/path/to/amx benches/memory.sh     another program than target/release/amx
#
# Prints the peak of the resident set and its ratio to the body of the request. The goal is 1.3 times
# the body plus 20 MiB, for one answer and for three in parallel, saved, recorded, replayed or not.
# The goals of answers are 2.2 times the text for --json, and 64 MiB for everything else.
# Needs bash 5, python3 and rustc.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly MIB=${1:-51}
readonly AMX=${AMX:-${CARGO_TARGET_DIR:-target}/release/amx}
if [[ ! -x $AMX ]]; then
  echo "there is no $AMX: cargo build --release" >&2
  exit 1
fi
if ((MIB > 53)); then
  echo "two attachments of at most 20 MiB make a request of at most 53 MiB" >&2
  exit 2
fi

WORK=$(mktemp -d)
readonly WORK
trap 'exec 9>&-; rm -rf "$WORK"' EXIT
rustc --edition 2024 -O -o "$WORK/upstream" benches/upstream.rs

# Nothing of the user's own configuration, keys or proxies takes part.
unset "${!AMX_@}" "${!OPENROUTER_@}"
unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY
export HOME=$WORK LC_ALL=C
export AMX_NO_KEYRING=1 AMX_MODEL=bench/model OPENROUTER_API_KEY=sk-or-bench-0123456789

# The upstream ends when file descriptor 9 is closed, so it cannot outlive this script.
mkfifo "$WORK/hold" "$WORK/port"
"$WORK/upstream" serve 900 < "$WORK/hold" > "$WORK/port" &
exec 9> "$WORK/hold"
read -r PORT < "$WORK/port"
export OPENROUTER_BASE_URL=http://127.0.0.1:$PORT/short

# Three bytes become four of base64.
readonly BYTES=$((MIB * 1024 * 1024 * 3 / 4 / 2))
for number in 1 2; do
  { printf '%%PDF-1.7\n' && head -c $((BYTES - 9)) /dev/urandom; } > "$WORK/$number.pdf"
done
readonly FILES=(-f "$WORK/1.pdf" -f "$WORK/2.pdf")

# Peak of the resident set of a command, in KiB.
peak() {
  python3 -c '
import resource, subprocess, sys
null = subprocess.DEVNULL
code = subprocess.run(sys.argv[1:], stdin=null, stdout=null, stderr=sys.stderr).returncode
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(code)' "$@" 9>&-
}
# Title, MiB of the body or the text, goal in MiB, command.
row() {
  local title=$1 size=$2 goal=$3 kib
  shift 3
  kib=$(peak "$@")
  awk -v title="$title" -v kib="$kib" -v size="$size" -v goal="$goal" 'BEGIN {
    peak = kib / 1024
    printf "%-44s %8.1f MiB %6.2f x   %s\n", title, peak, peak / size, peak <= goal ? "within the goal" : ""
  }'
}
GOAL=$(awk "BEGIN { print 1.3 * $MIB + 20 }")
readonly GOAL

echo "$("$AMX" --version); a request of $MIB MiB, goal $GOAL MiB"
row "a short question" "$MIB" "$GOAL" "$AMX" chat --no-save hello
row "one answer, --no-save" "$MIB" "$GOAL" "$AMX" chat --no-save "${FILES[@]}" hello
row "three alternatives, --no-save" "$MIB" "$GOAL" "$AMX" chat --no-save --alternatives=3 "${FILES[@]}" hello
# Answers are saved where there is a folder.
mkdir -m 700 "$WORK/.amx"
row "one answer, saved" "$MIB" "$GOAL" "$AMX" chat "${FILES[@]}" hello
row "three alternatives, saved" "$MIB" "$GOAL" "$AMX" chat --alternatives=3 "${FILES[@]}" hello
row "continued with a short question, saved" "$MIB" "$GOAL" "$AMX" chat -c again
row "one answer, recorded" "$MIB" "$GOAL" "$AMX" chat --no-save --record "$WORK/run.jsonl" "${FILES[@]}" hello
row "one answer, replayed" "$MIB" "$GOAL" "$AMX" chat --no-save --replay "$WORK/run.jsonl" "${FILES[@]}" hello
row "the body, --dry-run" "$MIB" "$GOAL" "$AMX" chat --dry-run "${FILES[@]}" hello

for size in 200 1000; do
  export OPENROUTER_BASE_URL=http://127.0.0.1:$PORT/large/$size
  echo "an answer of $size MiB"
  if ((size == 200)); then
    row "--json, --no-save" $size $((size * 22 / 10)) "$AMX" chat --no-save --json hello
    row "--json, saved" $size $((size * 22 / 10)) "$AMX" chat --json hello
    row "--jsonl, --no-save" $size 64 "$AMX" chat --no-save --jsonl hello
    row "--jsonl, saved" $size 64 "$AMX" chat --jsonl hello
  fi
  row "text, --no-save" $size 64 "$AMX" chat --no-save hello
  row "text, saved" $size 64 "$AMX" chat hello
done
