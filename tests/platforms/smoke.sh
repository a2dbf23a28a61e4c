#!/usr/bin/env bash
# Commands of amx on Windows, with their exit code and a part of their output. `windows.sh` starts
# it, with Wine running and PLATFORM_EXE set.
set -uo pipefail

readonly EXE=${PLATFORM_EXE:?the program, amx.exe}
WORK=$(mktemp -d)
readonly WORK
readonly FOLDER="$WINEPREFIX/drive_c/users/$(id -un)/.amx"
rm -rf "$FOLDER"
passed=0
failures=()
RUNNER=""
server=""

# The model server on the loopback address, built for this machine.
/usr/bin/rustc --edition 2024 -O benches/upstream.rs -o "$WORK/upstream" 2>&1 || exit 1
mkfifo "$WORK/keep"
"$WORK/upstream" serve 600 < "$WORK/keep" > "$WORK/port" &
server=$!
exec 9> "$WORK/keep"
trap 'exec 9>&-; kill "$server" 2> /dev/null; rm -rf "$WORK"' EXIT
until [ -s "$WORK/port" ]; do read -r -t 0.1 < /dev/null || sleep 0.1; done
PORT=$(tr -dc '0-9' < "$WORK/port")
cd "$WORK" || exit 1

# check EXIT PATTERN ARGUMENT...: runs amx with stdin of the caller; the pattern is an extended
# regular expression, found in stdout and stderr together.
check() {
  local wanted=$1 pattern=$2
  shift 2
  $RUNNER timeout 120 wine "$EXE" "$@" > out.txt 2> err.txt
  local code=$?
  tr -d '\r' < out.txt > all.txt
  tr -d '\r' < err.txt >> all.txt
  if [ "$code" = "$wanted" ] && grep -qE -- "$pattern" all.txt; then
    passed=$((passed + 1))
    echo "ok      amx $*"
  else
    failures+=("amx $*")
    echo "FAILED  amx $*   (exit $code, wanted $wanted and /$pattern/)"
    sed 's/^/        /' all.txt | head -20
  fi
}

# holds DESCRIPTION COMMAND...: a condition of this machine's shell.
holds() {
  local what=$1
  shift
  if "$@" > /dev/null 2>&1; then
    passed=$((passed + 1))
    echo "ok      $what"
  else
    failures+=("$what")
    echo "FAILED  $what"
  fi
}

check 0 '^amx [0-9]' --version < /dev/null
check 0 'Usage' --help < /dev/null
check 2 'unexpected argument|hint' --nonsense < /dev/null
check 0 '\.amx.config\.yml' config path < /dev/null

# One-shot answers: the demo, a pipe, JSON, a file, a pattern with backslashes.
check 0 '.' chat -p demo --no-stdin "hello" < /dev/null
check 0 '.' chat -p demo "what is this?" <<< "piped text: ÄÖ €"
check 0 '"model"' chat -p demo --json --no-stdin "hello" < /dev/null
mkdir -p 'src folder' && printf 'fn main() {}\n' > 'src folder/a b.rs' && printf 'x\n' > 'src folder/c.rs'
check 0 '.' chat -p demo --no-stdin -f 'src folder\a b.rs' "read it" < /dev/null
check 0 'a b\.rs' chat -p demo --no-stdin --dry-run -f 'src folder\*.rs' "read them" < /dev/null
check 5 'Get-Item|did you mean|nearest|Get-ChildItem' chat -p demo --no-stdin -f 'src folder\none.rs' "x" < /dev/null

# Profiles, with a key in the Credential Manager and a server on the loopback address.
check 0 'work' add-llm-profile work --no-input --provider local --model m \
  --base-url "http://127.0.0.1:$PORT/short" --api-key-stdin --no-check <<< "sk-test-0123456789abcdef"
holds "no key is in config.yml" sh -c "! grep -q sk-test '$FOLDER/config.yml'"
holds "config.yml refers to the keyring" grep -q 'keyring://amx/work/api_key' "$FOLDER/config.yml"
check 0 'keyring' config explain api_key -p work < /dev/null
check 0 '.' chat -p work --no-stdin "hello" < /dev/null
check 0 '.' add-llm-profile other --no-input --provider demo --model demo/scripted < /dev/null
check 0 'work' profiles list < /dev/null
check 0 'other' profiles use other < /dev/null
check 0 'other' profiles show other < /dev/null

# Edits keep backups.
check 0 '.' profiles rename other third < /dev/null
holds "the edit is in config.yml" grep -q '  third:' "$FOLDER/config.yml"
holds "a backup was written" test -s "$FOLDER/config.yml.bak.1"
holds "no temporary file is left" sh -c "! ls '$FOLDER'/.config.* 2> /dev/null"
check 0 '.' config validate < /dev/null
check 0 '.' config restore 1 < /dev/null
check 3 "no profile 'nope'" chat -p nope --no-stdin "x" < /dev/null

# Sessions, usage, models, templates.
check 0 '.' chat -p demo --no-stdin --session plan "remember this" < /dev/null
check 0 'plan' sessions list < /dev/null
check 0 'remember this' sessions show plan < /dev/null
check 0 '.' sessions search remember < /dev/null
check 0 '.' sessions export plan -o plan.md < /dev/null
holds "the export is a file" grep -q 'remember this' plan.md
check 0 'total' usage < /dev/null
check 0 '.' models -p demo < /dev/null
check 0 '.' templates new review <<< 'Review {{input}}'
check 0 'review' templates list < /dev/null
check 0 '.' chat -p demo --no-stdin --template review "code" < /dev/null

# What the system decides: paths, doctor, completion, exit codes.
check 0 'not applicable on Windows' doctor --offline --verbose < /dev/null
holds "doctor mixes no separators" sh -c "! grep -E '~/|\\\\\\\\\\?' all.txt"
holds "doctor suggests no command of Unix" sh -c "! grep -E 'chmod|export |unset |getent|/dev/null' all.txt"
OPENROUTER_BASE_URL=http://127.0.0.1:9/api/v1 OPENROUTER_API_KEY=sk-or-v1-0123456789abcdef \
  check 6 'curl\.exe -I' chat -m openrouter:a/b --no-stdin "x" < /dev/null
check 0 'Register-ArgumentCompleter' completions powershell < /dev/null
check 0 'Register-ArgumentCompleter' completions powershell --static < /dev/null
check 0 '.' man --all man < /dev/null
AMX_CONFIG_DIR='C:/amx elsewhere' check 0 'C:.amx elsewhere' config path < /dev/null
RUNNER="env -u HOME" check 0 '\.amx' config path < /dev/null
check 0 '.' logout -p work < /dev/null

echo "commands: $passed passed, ${#failures[@]} failed"
for failure in "${failures[@]}"; do echo "  failed: $failure"; done
[ "${#failures[@]}" = 0 ]
