#!/usr/bin/env bash
# Checks that amx compiles for macOS, on Debian: types and lints of the Rust code, and the C parts
# with the headers of zig. Nothing is linked or run.
#
#   tests/platforms/macos-check.sh [TRIPLE]    default aarch64-apple-darwin
#
# It writes target/macos/log.txt. Like windows.sh it uses Debian's toolchain, and variables for its
# own commands only.
set -euo pipefail
cd "$(dirname "$0")/../.."

readonly TRIPLE=${1:-aarch64-apple-darwin}
readonly PACKAGES=(rustc-web cargo-web rust-web-src python3 python3-venv)

CARGO_TARGET_DIR=$(realpath -m "${MACOS_TARGET:-target/macos}")
export CARGO_TARGET_DIR
export RUSTC=/usr/bin/rustc RUSTDOC=/usr/bin/rustdoc RUSTC_BOOTSTRAP=1
readonly TOOLS=$CARGO_TARGET_DIR/tools LOG=$CARGO_TARGET_DIR/log.txt

mkdir -p "$TOOLS/sdk"

install_packages() {
  if ! dpkg -s "${PACKAGES[@]}" > /dev/null 2>&1; then
    local as_root=()
    [ "$(id -u)" = 0 ] || as_root=(sudo)
    "${as_root[@]}" apt-get update -qq
    DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get -o DPkg::Lock::Timeout=600 install -y -qq \
      --no-install-recommends "${PACKAGES[@]}" > /dev/null
  fi
  [ -x "$TOOLS/python/bin/python3" ] || python3 -m venv "$TOOLS/python"
  "$TOOLS/python/bin/python3" -m ziglang version > /dev/null 2>&1 ||
    "$TOOLS/python/bin/pip" install --quiet ziglang
}

# The C compiler of zig has the headers of macOS. It names its target differently, and refuses
# options that only Apple's compiler has.
write_tools() {
  local machine=${TRIPLE%%-*}
  cat > "$TOOLS/cc" << END
#!/usr/bin/env bash
words=()
while [ \$# -gt 0 ]; do
  case \$1 in
    --target=* | -mmacosx-version-min=*) ;;
    -target | -arch | -isysroot) shift ;;
    *) words+=("\$1") ;;
  esac
  shift
done
exec "$TOOLS/python/bin/python3" -m ziglang cc -target $machine-macos "\${words[@]}"
END
  cat > "$TOOLS/ar" << END
#!/usr/bin/env bash
exec "$TOOLS/python/bin/python3" -m ziglang ar "\$@"
END
  chmod +x "$TOOLS/cc" "$TOOLS/ar"
}

install_packages
write_tools
name=${TRIPLE//-/_}
export "CC_$name=$TOOLS/cc" "CXX_$name=$TOOLS/cc" "AR_$name=$TOOLS/ar" SDKROOT="$TOOLS/sdk"
{
  echo "date: $(date -u +%F)"
  echo "amx: $(git describe --always --dirty 2> /dev/null || echo unknown)"
  echo "compiler: $(/usr/bin/rustc --version)"
  echo "zig: $("$TOOLS/python/bin/python3" -m ziglang version)"
} | tee "$LOG"
check() {
  /usr/bin/cargo check "$@" --locked -Z build-std=std,panic_unwind,test --target "$TRIPLE" 2>&1 |
    tee -a "$LOG" | tail -1
}

check
check --lib --profile test
if grep -q '^warning' "$LOG"; then
  echo "$TRIPLE: compiles with warnings, see $LOG"
  exit 1
fi
echo "$TRIPLE: compiles without warnings, the unit tests too" | tee -a "$LOG"
