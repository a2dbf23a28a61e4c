#!/usr/bin/env bash
# Builds the program of a release: dist.sh TARGET. Where valgrind and the linker lld are there, the
# functions that every start executes are put side by side: the kernel maps a program in windows of
# 64 KiB, and half of the program was resident because they were everywhere.
set -euo pipefail
cd "$(dirname "$0")/.."

target="${1:-$(rustc -vV | sed -n 's/^host: //p')}"
program="target/$target/dist/amx"
flags=""
# As in .cargo/config.toml, which does not apply beside flags of the environment.
linux="-C force-unwind-tables=no -C relro-level=partial -C link-arg=-Wl,-z,relro,-z,now"
case "$target" in
  # The toolchain links with its own lld there.
  x86_64-*-linux-gnu) flags="$linux -C link-arg=-Wl,--icf=all" ;;
  *-linux-*) flags="$linux" ;;
esac
export RUSTFLAGS="${RUSTFLAGS:-} $flags"

if [[ $target != x86_64-*-linux-gnu ]] || ! command -v valgrind >/dev/null; then
  cargo build --profile dist --locked --target "$target"
  exit
fi

CARGO_PROFILE_DIST_STRIP=none cargo build --profile dist --locked --target "$target"
traces="$(mktemp -d)"
trap 'rm -rf "$traces"' EXIT
mkdir "$traces/home"
executed() {
  HOME="$traces/home" valgrind --quiet --tool=callgrind --demangle=no \
    --callgrind-out-file="$traces/%p" "$program" "$@" >/dev/null
}
executed --version
executed chat -p demo Hello
executed chat -p demo --json Hello
executed models -p demo
# Names in the order in which they are first recorded; a recursion has a number behind its name.
grep -hoE "^c?fn=\([0-9]+\) [^']+" "$traces"/[0-9]* | sed -E 's/^[^ ]+ //' | awk '!seen[$0]++' \
  >"$traces/order"
[[ $(wc -l <"$traces/order") -gt 500 ]]
cargo rustc --profile dist --locked --target "$target" --bin amx -- \
  -C link-arg=-Wl,--symbol-ordering-file="$traces/order" -C link-arg=-Wl,--no-warn-symbol-ordering
