#!/usr/bin/env bash
# Writes the SHA-256 checksums of the files in a folder, all into SHA256SUMS and each into
# FILE.sha256, for `sha256sum --check`:
#
#   packaging/checksums.sh FOLDER
set -euo pipefail
cd "$1"

rm -f SHA256SUMS ./*.sha256
for file in *; do
  sha256sum "$file" > "$file.sha256"
done
cat ./*.sha256 > SHA256SUMS
