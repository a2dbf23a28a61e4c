#!/usr/bin/env bash
# Compares amx with curl, side by side, against a scripted model on the loopback address.
#
#   benches/bench.sh [RUNS]                medians of RUNS runs (default 11)
#   AMX=/path/to/amx benches/bench.sh      measures another binary than target/release/amx
#
# Wall times drift on shared machines: compare CPU time, counts and ratios.
# Needs bash 5, curl and rustc; uses strace, GNU time and util-linux script if they are installed.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly RUNS=${1:-11} TOKENS=20000
readonly AMX=${AMX:-${CARGO_TARGET_DIR:-target}/release/amx}
if [[ ! -x $AMX ]]; then
  echo "$AMX does not exist; run: cargo build --release" >&2
  exit 1
fi

WORK=$(mktemp -d)
readonly WORK
trap 'exec 9>&-; rm -rf "$WORK"' EXIT
rustc --edition 2024 -O -o "$WORK/upstream" benches/upstream.rs

# Isolates the run from the user's configuration, keys and proxies.
unset "${!AMX_@}" "${!OPENROUTER_@}" NO_COLOR
unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY
export HOME=$WORK TERM=xterm-256color LC_ALL=C
export AMX_NO_KEYRING=1 AMX_MODEL=bench/model OPENROUTER_API_KEY=sk-or-bench-0123456789

# The upstream ends when file descriptor 9 is closed, so it cannot outlive this script.
mkfifo "$WORK/hold" "$WORK/port"
"$WORK/upstream" serve 900 < "$WORK/hold" > "$WORK/port" &
exec 9> "$WORK/hold"
read -r PORT < "$WORK/port"
readonly BASE=http://127.0.0.1:$PORT
readonly QUESTION='{"model":"bench/model","messages":[{"role":"user","content":"hello"}],"stream":true}'

# One answer of the kind $1, by either program.
amx() { OPENROUTER_BASE_URL=$BASE/$1 "$AMX" chat hello 9>&- < /dev/null; }
curl_() {
  curl -sN --noproxy '*' -H "Authorization: Bearer $OPENROUTER_API_KEY" -H 'content-type: application/json' \
    -d "$QUESTION" "$BASE/$1/chat/completions" 9>&- < /dev/null
}

# The catalogue of 400 models: from a separate cache, refreshed, and fetched by curl.
cached() { AMX_CONFIG_DIR=$WORK/cached OPENROUTER_BASE_URL=$BASE/catalog "$AMX" models 9>&- < /dev/null; }
refreshed() { AMX_CONFIG_DIR=$WORK/cached OPENROUTER_BASE_URL=$BASE/catalog "$AMX" models sync 9>&- < /dev/null; }
curl_list() { curl -s --noproxy '*' "$BASE/catalog/models" 9>&- < /dev/null; }

calculate() { awk "BEGIN { printf \"$1\", $2 }"; }
# Median, first and third quartile of the numbers on stdin.
quartiles() {
  sort -g | awk '{ value[NR] = $1 }
    function at(share, place, below) { place = 1 + (NR - 1) * share; below = int(place)
      return value[below] + (place - below) * (value[below < NR ? below + 1 : below] - value[below]) }
    END { print at(0.5), at(0.25), at(0.75) }'
}

# Wall time of a command, in milliseconds.
wall() {
  local from=$EPOCHREALTIME to
  "$@" > "$WORK/out" 2> "$WORK/err"
  to=$EPOCHREALTIME
  calculate '%.3f\n' "($to - $from) * 1000"
}
# User and system time of a command, in milliseconds.
cpu() {
  local TIMEFORMAT='%U %S'
  { time "$@" > "$WORK/out" 2> "$WORK/err"; } 2> "$WORK/times"
  awk '{ print ($1 + $2) * 1000 }' "$WORK/times"
}
# The same for an answer of the kind $2 on a pseudo-terminal; its output bytes are counted in $WORK/bytes.
cpu_on_terminal() {
  script -qfec "stty cols 100 rows 30; $WORK/timed $1 $2" /dev/null < /dev/null 2> "$WORK/err" 9>&- |
    wc -c > "$WORK/bytes"
  awk '{ print ($1 + $2) * 1000 }' "$WORK/times"
}
syscalls() {
  strace -fc -o "$WORK/counts" "$@" > "$WORK/out" 2> "$WORK/err" 9>&- < /dev/null
  awk 'END { print $4 }' "$WORK/counts"
}
peak() {
  /usr/bin/time -f %M -o "$WORK/peak" "$@" > "$WORK/out" 2> "$WORK/err" 9>&- < /dev/null
  awk '{ printf "%.1f\n", $1 / 1024 }' "$WORK/peak"
}

row() { printf '%-50s %10s %16s %10s %10s\n' "$@"; }
# Runs both commands alternately, so that a disturbance affects both, and prints a row.
# $1 title, $2 factor and decimals of the figures, $3 "ratio" or "difference", then measure and commands.
paired() {
  local title=$1 factor=${2%:*} decimals=${2#*:} relation=$3 measure=$4 ours=$5 theirs=$6 run
  : > "$WORK/ours"
  : > "$WORK/theirs"
  for ((run = 0; run < RUNS; run++)); do
    # shellcheck disable=SC2086  # a command and its arguments
    $measure $ours >> "$WORK/ours"
    # shellcheck disable=SC2086
    $measure $theirs >> "$WORK/theirs"
  done
  local median first third baseline
  read -r median first third < <(quartiles < "$WORK/ours")
  read -r baseline _ < <(quartiles < "$WORK/theirs")
  local form=%.${decimals}f last
  if [[ $relation == ratio ]]; then
    last=$(calculate '%.2f x' "$median / ($baseline + 0.000001)")
  else
    last=$(calculate '%+.2f' "$median - $baseline")
  fi
  row "$title" "$(calculate "$form" "$median * $factor")" \
    "$(calculate "$form" "$first * $factor")..$(calculate "$form" "$third * $factor")" \
    "$(calculate "$form" "$baseline * $factor")" "$last"
}
has() { command -v "$1" > /dev/null; }

# Both streams must give the same text, or the comparison is meaningless.
amx events > "$WORK/text" 2> "$WORK/err"
if ! cmp -s "$WORK/text" <(amx coalesced 2> "$WORK/err"); then
  echo "amx printed different texts for the two streams" >&2
  exit 1
fi

echo "$("$AMX" --version), $(curl --version | head -1 | cut -d' ' -f1,2)"
echo "$(uname -srm), $(getconf _NPROCESSORS_ONLN) cores, load $(cut -d' ' -f1-3 /proc/loadavg 2> /dev/null)"
echo "medians of $RUNS interleaved runs; loopback, no TLS; $TOKENS tokens per stream"
echo
row "" amx quartiles baseline relation
paired "--version, wall ms (baseline: true)" 1:2 difference wall "$AMX --version" "$(type -P true)"
paired "one-shot, wall ms (baseline: curl)" 1:2 difference wall "amx short" "curl_ short"
paired "one-shot, CPU ms" 1:1 ratio cpu "amx short" "curl_ short"
for answer in coalesced events; do
  paired "$answer to a file, CPU µs per token" "1000/$TOKENS:2" ratio cpu "amx $answer" "curl_ $answer"
done

refreshed > "$WORK/out" 2> "$WORK/err"
if (($(cached | wc -l) != 401)); then
  echo "amx did not list 400 models" >&2
  exit 1
fi
paired "400 models from the cache, wall ms" 1:2 difference wall cached curl_list
paired "400 models from the cache, CPU ms" 1:1 ratio cpu cached curl_list
paired "400 models fetched and cached, wall ms" 1:2 difference wall refreshed curl_list

if script --version 2> /dev/null | grep -q util-linux; then
  # Runs on the terminal: times the program and leaves its stderr on the terminal.
  cat > "$WORK/timed" << END
#!/usr/bin/env bash
TIMEFORMAT='%U %S'
# Answers on a terminal are saved; the other measurements start without a folder.
export OPENROUTER_BASE_URL=$BASE/\$2 AMX_CONFIG_DIR=$WORK/terminal
case \$1 in
  amx) { time "$AMX" chat hello 2>&3; } 3>&2 2> "$WORK/times" ;;
  curl) { time curl -sN --noproxy '*' -d '{}' "$BASE/\$2/chat/completions" 2>&3; } 3>&2 2> "$WORK/times" ;;
esac
END
  chmod +x "$WORK/timed"
  for answer in events code; do
    paired "$answer to a terminal, CPU µs per token" "1000/$TOKENS:2" ratio cpu_on_terminal "amx $answer" "curl $answer"
    cpu_on_terminal amx "$answer" > "$WORK/out"
    amx "$answer" > "$WORK/text" 2> "$WORK/err"
    ours=$(cat "$WORK/bytes") theirs=$(wc -c < "$WORK/text")
    row "$answer, bytes on a terminal (baseline: the text)" "$ours" "" "$theirs" "$(calculate '%.2f x' "$ours / $theirs")"
  done
fi

# Counts, the same in every run. strace and time run programs, so the URL is an environment variable.
export OPENROUTER_BASE_URL=$BASE/short
if has strace; then
  ours=$(syscalls "$AMX" chat hello) theirs=$(syscalls curl -sN --noproxy '*' -d '{}' "$BASE/short/x")
  row "one-shot, system calls" "$ours" "" "$theirs" "$(calculate '%.2f x' "$ours / $theirs")"
fi
if [[ -x /usr/bin/time ]] && /usr/bin/time -f %M true 2> /dev/null; then
  row "--version, peak memory MiB" "$(peak "$AMX" --version)" "" "" ""
  for answer in short coalesced events; do
    export OPENROUTER_BASE_URL=$BASE/$answer
    ours=$(peak "$AMX" chat hello) theirs=$(peak curl -sN --noproxy '*' -d '{}' "$BASE/$answer/x")
    row "$answer, peak memory MiB" "$ours" "" "$theirs" "$(calculate '%.2f x' "$ours / $theirs")"
  done
fi

# As amx is used: with a folder of its own, and answers that are saved.
readonly SESSIONS=1000
mkdir -m 700 "$WORK/.amx"
export OPENROUTER_BASE_URL=$BASE/short
paired "saved one-shot, wall ms (baseline: curl)" 1:2 difference wall "amx short" "curl_ short"
if has strace; then
  row "saved one-shot, system calls" "$(syscalls "$AMX" chat hello)" "" "" ""
fi
if script --version 2> /dev/null | grep -q util-linux; then
  echo "(storing $SESSIONS conversations…)"
  for ((session = 0; session < SESSIONS; session++)); do
    amx short > "$WORK/out" 2> "$WORK/err"
  done
  # From the start to the prompt character, on a terminal that answers queries of the cursor and of its kind.
  prompt() {
    local from=$EPOCHREALTIME to seen= character
    coproc TERMINAL { script -qfec "stty cols 80 rows 24; $*" /dev/null 2> "$WORK/err" 9>&-; }
    local process=$TERMINAL_PID output=${TERMINAL[0]} input=${TERMINAL[1]}
    while [[ $seen != *'>' ]] && IFS= read -r -N1 -u "$output" character; do
      seen+=$character
      if [[ $seen == *$'\e[6n' ]]; then printf '\e[1;1R' >&"$input"; fi
      if [[ $seen == *$'\e[c' ]]; then printf '\e[?62c' >&"$input"; fi
    done
    to=$EPOCHREALTIME
    printf '/exit\r' >&"$input" 2> "$WORK/err" || true
    cat <&"$output" > "$WORK/out" || true
    wait "$process" || true
    calculate '%.3f\n' "($to - $from) * 1000"
  }
  # The same with a program that writes the prompt character and nothing else.
  printf '#!/bin/sh\n%s --version > /dev/null; printf ">"\n' "$AMX" > "$WORK/version"
  chmod +x "$WORK/version"
  paired "prompt with $SESSIONS sessions (baseline: --version)" 1:2 difference prompt "$AMX chat -p demo" "$WORK/version"
  paired "the same, continuing the last (-c)" 1:2 difference prompt "$AMX chat -c" "$WORK/version"
fi
