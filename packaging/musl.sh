#!/usr/bin/env bash
# Builds the static program of this machine with musl, and runs the unit tests with it:
#
#   packaging/musl.sh [PROFILE]
#
# Needs musl-gcc for the C parts of the dependencies (Debian, Ubuntu: apt-get install musl-tools).
set -euo pipefail
cd "$(dirname "$0")/.."

profile=${1:-release}
target=$(uname -m)-unknown-linux-musl
if ! command -v musl-gcc > /dev/null; then
  echo "error: musl-gcc is not installed" >&2
  exit 1
fi
rustup target add "$target"
export "CC_${target//-/_}=musl-gcc"

cargo test --lib --locked --target "$target"
cargo build --profile "$profile" --locked --target "$target"

folder=${profile/#dev/debug}
program=${CARGO_TARGET_DIR:-target}/$target/$folder/amx
packaging/static.sh "$program"
"$program" chat -p demo Hello
echo "$program"
