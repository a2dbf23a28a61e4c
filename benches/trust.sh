#!/usr/bin/env bash
# Measures on the loopback address what docs/security.md promises, and writes the table there:
# leaks of a key, kills, concurrent edits, escape sequences, cut streams and random inputs. A
# violation ends the script before anything is written.
#
#   benches/trust.sh [SCALE]   default 20; cargo test runs the same at scale 1
set -euo pipefail
cd "$(dirname "$0")/.."

readonly SCALE=${1:-20} PAGE=docs/security.md
readonly BEGIN='<!-- trust:begin -->' END='<!-- trust:end -->'
readonly CASES=$((256 * SCALE))
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export AMX_TRUST_SCALE=$SCALE AMX_TRUST_REPORT=$work/report
# Other inputs than in any run before; the number repeats them.
PROPTEST_RNG_SEED=$(od -An -N6 -tu8 /dev/urandom | tr -d ' ')
export PROPTEST_RNG_SEED
echo "PROPTEST_RNG_SEED=$PROPTEST_RNG_SEED"
export AMX_TEST_KILLS=$((8 * SCALE)) AMX_TEST_WRITERS=4 AMX_TEST_TURNS=$((10 * SCALE))
started=$SECONDS

cargo test --locked --test cli -- measured:: store_under_load:: mcp::no_broken_server
cargo test --locked --test terminal -- hostile_answers:: killed:: every_text_runs_as_it_was_shown
cargo test --locked --lib -- a_path_that_is_swapped
printf 'tools\tswapped paths=%s\tviolations=0\n' "$((2000 * SCALE))" >> "$AMX_TRUST_REPORT"
PROPTEST_CASES=$CASES cargo test --locked --lib -- panic | tee "$work/properties"
properties=$(sed -n 's/^test result: ok\. \([0-9]*\) passed.*/\1/p' "$work/properties")
printf 'random inputs\tproperties=%s\tinputs=%s\n' "$properties" "$((properties * CASES))" \
  >> "$AMX_TRUST_REPORT"

cpu=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo 2> /dev/null | head -1)
machine="$(uname -s) $(uname -m), $(getconf _NPROCESSORS_ONLN) CPUs${cpu:+ ($cpu)}"
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)
minutes=$(((SECONDS - started + 59) / 60))

# Counts of one label add up, except that the number of parsers and properties is what it is.
awk -F '\t' -v date="$(date -u +%F)" -v version="$version" -v machine="$machine" \
  -v minutes="$minutes" -v scale="$SCALE" '
  BEGIN {
    split("leaks kills edits escapes cuts", order, " "); order[6] = "random inputs"; order[7] = "tools"
    what["leaks"] = "stdout, stderr, files, command lines and the environment of children are" \
      " searched for the key"
    what["kills"] = "`kill -9` of questions, conversations and writers at any moment:" \
      " acknowledged turns lost or doubled, requests without a row in the ledger"
    what["edits"] = "concurrent writers of config.yml: edits lost"
    what["escapes"] = "hostile texts in answers, errors and names, on a terminal:" \
      " control sequences that get through"
    what["cuts"] = "streams cut at a byte: text lost, or a cut that ends with success"
    what["tools"] = "models that obey what they read, hostile arguments, calls of tools that were not" \
      " named, tools of servers that changed, paths that are swapped, floods of output, broken servers," \
      " signals: tools that ran without an approval or otherwise than shown, files read outside the" \
      " root, more than 64 MiB of memory, processes left running"
    what["random inputs"] = "random and damaged input for every parser:" \
      " crashes, hangs, active characters"
  }
  {
    for (i = 2; i <= NF; i++) {
      split($i, pair, "=")
      if (pair[1] == "violations") { violations[$1] += pair[2]; continue }
      key = $1 SUBSEP pair[1]
      if (!(key in count)) { labels[$1] = labels[$1] (labels[$1] ? "\t" : "") pair[1] }
      fixed = (pair[1] == "parsers" || pair[1] == "properties" || pair[1] == "bytes")
      count[key] = fixed ? pair[2] : count[key] + pair[2]
    }
  }
  function grouped(number,   text) {
    text = sprintf("%d", number)
    while (match(text, /[0-9][0-9][0-9][0-9]($|,)/))
      text = substr(text, 1, RSTART) "," substr(text, RSTART + 1)
    return text
  }
  END {
    printf "Measured on %s with amx %s at scale %d in %d min on %s.\n\n",
      date, version, scale, minutes, machine
    print "| subject | what counts as a violation | measured | violations |"
    print "|---|---|---|---|"
    for (i = 1; i <= 7; i++) {
      subject = order[i]; measured = ""
      n = split(labels[subject], names, "\t")
      for (j = 1; j <= n; j++) {
        measured = measured (measured ? ", " : "") grouped(count[subject, names[j]]) " " names[j]
      }
      if (!n) { print "no counts of " subject > "/dev/stderr"; exit 1 }
      counted = grouped(violations[subject])
      printf "| %s | %s | %s | %s |\n", subject, what[subject], measured, counted
    }
  }' "$AMX_TRUST_REPORT" > "$work/table"

awk -v begin="$BEGIN" -v end="$END" -v table="$work/table" '
  $0 == end { skip = 0 }
  !skip
  $0 == begin { skip = 1; print ""; while ((getline line < table) > 0) print line; print "" }
  ' "$PAGE" > "$work/page"
cat "$work/page" > "$PAGE"
cat "$work/table"
