#!/usr/bin/env bash
# Prints the Homebrew formula of a release:
#
#   packaging/homebrew.sh VERSION SHA256SUMS
#
# Fails when a checksum that the formula needs is missing.
set -euo pipefail

version=$1
sums=$2

while IFS= read -r line; do
  line=${line//@VERSION@/$version}
  if [[ $line =~ @SHA256\ ([^@]+)@ ]]; then
    place=${BASH_REMATCH[0]} file=${BASH_REMATCH[1]}
    sum=$(awk -v file="$file" '$2 == file { print $1 }' "$sums")
    if [[ ! $sum =~ ^[0-9a-f]{64}$ ]]; then
      echo "error: $sums has no checksum of $file" >&2
      exit 1
    fi
    line=${line/"$place"/$sum}
  fi
  # The first line describes the template.
  [[ $line == "# Template:"* ]] || printf '%s\n' "$line"
done < "$(dirname "$0")/homebrew/amx.rb"
