#!/usr/bin/env bash
# Compares amx with curl, side by side, against a scripted model on the loopback address.
#
#   benches/bench.sh [RUNS]      medians of RUNS runs (default 11)
#   AMX=/path/to/amx benches/bench.sh
#
# Wall times drift on shared machines; the columns to look at are CPU time, counts and ratios.
# Needs bash 5, curl and rustc. strace, GNU time and util-linux script are used where they are.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly RUNS=${1:-11} TOKENS=20000
readonly TARGET=${CARGO_TARGET_DIR:-target}
readonly AMX=${AMX:-$TARGET/release/amx}
if [[ ! -x $AMX ]]; then
  echo "there is no $AMX: cargo build --release" >&2
  exit 1
fi

readonly WORK=$(mktemp -d)
trap 'exec 9>&-; rm -rf "$WORK"' EXIT

rustc --edition 2024 -O -o "$WORK/upstream" benches/upstream.rs

# Nothing of the user's own configuration, keys or proxies takes part.
for variable in "${!AMX_@}" "${!OPENROUTER_@}" http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_COLOR; do
  unset "$variable"
done
export HOME=$WORK AMX_NO_KEYRING=1 AMX_MODEL=bench/model OPENROUTER_API_KEY=sk-or-bench-0123456789 TERM=xterm-256color LC_ALL=C

# The upstream ends when file descriptor 9 is closed, so it cannot outlive this script.
mkfifo "$WORK/hold" "$WORK/port"
"$WORK/upstream" serve 900 < "$WORK/hold" > "$WORK/port" &
exec 9> "$WORK/hold"
read -r PORT < "$WORK/port"
readonly BASE=http://127.0.0.1:$PORT

amx() { OPENROUTER_BASE_URL=$BASE/$1 "$AMX" chat "${@:2}" hello 9>&- < /dev/null; }
curl_() { curl -sN --noproxy '*' -H "Authorization: Bearer $OPENROUTER_API_KEY" -H 'content-type: application/json' \
  -d '{"model":"bench/model","messages":[{"role":"user","content":"hello"}],"stream":true}' \
  "$BASE/$1/chat/completions" 9>&- < /dev/null; }

median() { sort -g | awk '{ value[NR] = $1 } END { print (NR % 2) ? value[(NR + 1) / 2] : (value[NR / 2] + value[NR / 2 + 1]) / 2 }'; }
calculate() { awk "BEGIN { printf \"$1\", $2 }"; }

# Wall time of a command in milliseconds.
wall() {
  local from=$EPOCHREALTIME to
  "$@" > "$WORK/out" 2> "$WORK/err"
  to=$EPOCHREALTIME
  calculate '%.3f\n' "($to - $from) * 1000"
}
# User and system time of a command in milliseconds.
cpu() {
  local TIMEFORMAT='%U %S'
  { time "$@" > "$WORK/out" 2> "$WORK/err" 9>&-; } 2> "$WORK/times"
  awk '{ print ($1 + $2) * 1000 }' "$WORK/times"
}
# The same on a terminal of its own; its bytes are counted in "$WORK/bytes".
cpu_on_terminal() {
  script -qfec "stty cols 100 rows 30; $WORK/timed $*" /dev/null < /dev/null 2> "$WORK/err" | wc -c > "$WORK/bytes"
  awk '{ print ($1 + $2) * 1000 }' "$WORK/times"
}
# Runs both commands in turn, so that what disturbs one disturbs the other: FIRST, SECOND are set.
paired() {
  local measure=$1 first=$2 second=$3 run
  : > "$WORK/first"
  : > "$WORK/second"
  for ((run = 0; run < RUNS; run++)); do
    $measure $first >> "$WORK/first"
    $measure $second >> "$WORK/second"
  done
  FIRST=$(median < "$WORK/first")
  SECOND=$(median < "$WORK/second")
}
row() { printf '%-44s %12s %12s %10s\n' "$@"; }
has() { command -v "$1" > /dev/null; }

echo "amx $("$AMX" --version | cut -d' ' -f2), $(curl --version | head -1 | cut -d' ' -f1,2)"
echo "machine: $(uname -srm), $(getconf _NPROCESSORS_ONLN) cores, load $(cut -d' ' -f1-3 /proc/loadavg 2> /dev/null || echo unknown)"
echo "medians of $RUNS runs in turn; loopback, no TLS; $TOKENS tokens a stream"
echo
row "" amx baseline "amx/base"

paired wall "$AMX --version" "$(type -P true)"
row "--version, wall ms (baseline: true)" "$FIRST" "$SECOND" "+$(calculate %.2f "$FIRST - $SECOND") ms"
paired wall "amx short" "curl_ short"
row "one-shot, wall ms (baseline: curl)" "$FIRST" "$SECOND" "$(calculate %+.2f "$FIRST - $SECOND") ms"
paired cpu "amx short" "curl_ short"
row "one-shot, CPU ms" "$FIRST" "$SECOND" "$(calculate %.2f "$FIRST / ($SECOND + 0.0001)")"

if has strace; then
  syscalls() { strace -fc -o "$WORK/counts" "$@" > "$WORK/out" 2>&1 9>&-; awk 'END { print $4 }' "$WORK/counts"; }
  # strace runs programs, not functions.
  export OPENROUTER_BASE_URL=$BASE/short
  FIRST=$(syscalls "$AMX" chat --no-stdin hello)
  SECOND=$(syscalls curl -sN --noproxy '*' -d '{}' "$BASE/short/chat/completions")
  row "one-shot, system calls" "$FIRST" "$SECOND" "$(calculate %.2f "$FIRST / $SECOND")"
fi
if [[ -x /usr/bin/time ]] && /usr/bin/time -f %M true 2> /dev/null; then
  peak() { /usr/bin/time -f %M -o "$WORK/peak" "$@" > "$WORK/out" 2> "$WORK/err" 9>&-; awk '{ print $1 / 1024 }' "$WORK/peak"; }
  FIRST=$(peak "$AMX" --version)
  row "--version, peak memory MiB" "$(calculate %.1f "$FIRST")" "" ""
  for answer in short coalesced events; do
    export OPENROUTER_BASE_URL=$BASE/$answer
    FIRST=$(peak "$AMX" chat --no-stdin hello)
    SECOND=$(peak curl -sN --noproxy '*' -d '{}' "$BASE/$answer/chat/completions")
    row "$answer, peak memory MiB" "$(calculate %.1f "$FIRST")" "$(calculate %.1f "$SECOND")" "$(calculate %.2f "$FIRST / $SECOND")"
  done
fi
unset OPENROUTER_BASE_URL

per_token() { calculate %.2f "$1 * 1000 / $TOKENS"; }
for answer in coalesced events; do
  paired cpu "amx $answer" "curl_ $answer"
  row "$answer to a file, CPU µs a token" "$(per_token "$FIRST")" "$(per_token "$SECOND")" "$(calculate %.2f "$FIRST / ($SECOND + 0.0001)")"
done

if script --version 2> /dev/null | grep -q util-linux; then
  amx events > "$WORK/text"
  # What runs on the terminal: times its last words, and leaves their stderr on the terminal.
  cat > "$WORK/timed" << END
#!/usr/bin/env bash
TIMEFORMAT='%U %S'
case \$1 in
  amx) { time OPENROUTER_BASE_URL=$BASE/events "$AMX" chat hello 2>&3; } 3>&2 2> "$WORK/times" ;;
  curl) { time curl -sN --noproxy '*' -d '{}' "$BASE/events/chat/completions" 2>&3; } 3>&2 2> "$WORK/times" ;;
esac
END
  chmod +x "$WORK/timed"
  paired cpu_on_terminal amx curl
  row "events to a terminal, CPU µs a token" "$(per_token "$FIRST")" "$(per_token "$SECOND")" "$(calculate %.2f "$FIRST / ($SECOND + 0.0001)")"
  cpu_on_terminal amx > /dev/null
  FIRST=$(cat "$WORK/bytes")
  SECOND=$(wc -c < "$WORK/text")
  row "bytes on the terminal (baseline: the text)" "$FIRST" "$SECOND" "$(calculate %.2f "$FIRST / $SECOND")"
fi
