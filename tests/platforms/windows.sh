#!/usr/bin/env bash
# Builds amx for Windows on Debian and runs it under Wine: the unit tests, the commands of
# `smoke.sh`, and the conversations of `console.py`.
#
#   tests/platforms/windows.sh [all | build | unit | smoke | console]    default all
#
# It writes target/windows/log.txt and target/windows/summary.txt; WINDOWS_TARGET is another folder
# for these and for what is built. The toolchain is Debian's (rustc-web), because it has the source
# of the standard library; rustup is not used. Variables are set for its own commands only.
set -euo pipefail
cd "$(dirname "$0")/../.."

readonly STEP=${1:-all}
readonly TRIPLE=x86_64-pc-windows-gnu
readonly PACKAGES=(rustc-web cargo-web rust-web-src gcc-mingw-w64-x86-64 g++-mingw-w64-x86-64
  wine wine64 python3)

CARGO_TARGET_DIR=$(realpath -m "${WINDOWS_TARGET:-target/windows}")
export CARGO_TARGET_DIR
export RUSTC=/usr/bin/rustc RUSTDOC=/usr/bin/rustdoc RUSTC_BOOTSTRAP=1
export CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER=x86_64-w64-mingw32-gcc
export CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER=wine
# Wine has files and a registry of its own here, no menu entries, no browser, no .NET.
export WINEPREFIX=$CARGO_TARGET_DIR/wine WINEDEBUG=-all WINEARCH=win64
export WINEDLLOVERRIDES="winemenubuilder.exe,mscoree,mshtml="
readonly OUT=$CARGO_TARGET_DIR/$TRIPLE/debug
readonly LOG=$CARGO_TARGET_DIR/log.txt SUMMARY=$CARGO_TARGET_DIR/summary.txt

mkdir -p "$CARGO_TARGET_DIR"
: > "$LOG"
: > "$SUMMARY"

note() { echo "$*" | tee -a "$SUMMARY" >> "$LOG"; echo "$*"; }

install_packages() {
  dpkg -s "${PACKAGES[@]}" > /dev/null 2>&1 && return
  local as_root=()
  [ "$(id -u)" = 0 ] || as_root=(sudo)
  "${as_root[@]}" apt-get update -qq
  DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get -o DPkg::Lock::Timeout=600 install -y -qq \
    --no-install-recommends "${PACKAGES[@]}" > /dev/null
}

cargo_windows() {
  local verb=$1
  shift
  /usr/bin/cargo "$verb" --locked -Z build-std=std,panic_unwind --target "$TRIPLE" "$@"
}

# Wine 8 lacks the system library with the one random function that Rust's standard library needs.
add_random_library() {
  cat > "$CARGO_TARGET_DIR/random.c" << 'END'
#include <windows.h>
BOOLEAN NTAPI SystemFunction036(PVOID, ULONG);
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T size) {
  return SystemFunction036(data, (ULONG)size);
}
END
  local folder
  for folder in "$OUT" "$OUT/deps"; do
    x86_64-w64-mingw32-gcc -shared -o "$folder/bcryptprimitives.dll" \
      "$CARGO_TARGET_DIR/random.c" -ladvapi32
  done
}

start_wine() {
  wineboot --init >> "$LOG" 2>&1
  wineserver --persistent=900 || true
}

build() {
  if ! cargo_windows build 2>&1 | tee -a "$LOG" | tail -1; then
    note "build: failed"
    return 1
  fi
  if grep -q '^warning' "$LOG"; then
    note "build: it has warnings"
    return 1
  fi
  note "build: passed, without warnings"
}

unit() {
  cargo_windows test --lib --no-run 2>&1 | tee -a "$LOG" | tail -1 || return 1
  add_random_library
  local result=0
  cargo_windows test --lib -- --test-threads 2 > "$CARGO_TARGET_DIR/unit.txt" 2>&1 || result=$?
  cat "$CARGO_TARGET_DIR/unit.txt" >> "$LOG"
  note "unit tests: $(grep -o 'test result: .*' "$CARGO_TARGET_DIR/unit.txt" || echo "exit $result")"
  grep -E '^test .* FAILED$' "$CARGO_TARGET_DIR/unit.txt" | tee -a "$SUMMARY" || true
  return "$result"
}

versions() {
  note "date: $(date -u +%F)"
  note "amx: $(git describe --always --dirty 2> /dev/null || echo unknown)"
  note "compiler: $(/usr/bin/rustc --version)"
  note "mingw: $(x86_64-w64-mingw32-gcc --version | head -1)"
  note "wine: $(wine --version)"
}

install_packages
start_wine
trap 'wineserver --kill || true' EXIT
versions
failed=0
case $STEP in all | build) build || exit 1 ;; esac
case $STEP in all | unit) unit || failed=1 ;; esac
export PLATFORM_EXE=$OUT/amx.exe
case $STEP in
  all | smoke)
    add_random_library
    tests/platforms/smoke.sh 2>> "$LOG" | tee -a "$LOG" "$SUMMARY" || failed=1
    ;;
esac
case $STEP in
  all | console)
    add_random_library
    python3 tests/platforms/console.py 2>> "$LOG" | tee -a "$LOG" "$SUMMARY" || failed=1
    ;;
esac
exit "$failed"
