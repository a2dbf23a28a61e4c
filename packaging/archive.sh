#!/usr/bin/env bash
# Packs a built program with its documents, manual pages and completions:
#
#   packaging/archive.sh TARGET PROGRAM FOLDER
#
# writes FOLDER/amx-TARGET.tar.gz, or .zip for Windows, with one folder amx-TARGET.
set -euo pipefail

target=$1
suffix=
if [[ $target == *-windows-* ]]; then suffix=.exe; fi
program=$(realpath "$2")
mkdir -p "$3"
out=$(cd "$3" && pwd)
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
folder="$work/amx-$target"
mkdir -p "$folder/man" "$folder/completions"
cp "$program" "$folder/amx$suffix"
cp README.md LICENSE docs/changelog.md "$folder"
cp completions/man/*.1 "$folder/man"
find completions -maxdepth 1 -type f -exec cp {} "$folder/completions" \;

cd "$work"
if [[ -n $suffix ]]; then
  rm -f "$out/amx-$target.zip"
  7z a -bso0 "$out/amx-$target.zip" "amx-$target"
else
  tar -czf "$out/amx-$target.tar.gz" "amx-$target"
fi
