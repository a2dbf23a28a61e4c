#!/usr/bin/env bash
# Prints the section of a version in docs/changelog.md, without its heading:
#
#   packaging/notes.sh VERSION
#
# The heading is `## VERSION (DATE)`. Fails when there is none, or nothing below it.
set -euo pipefail
cd "$(dirname "$0")/.."

version=$1
notes=$(awk -v version="$version" '
  /^## / { is_inside = $2 == version && $3 ~ /^\([0-9]+-[0-9]+-[0-9]+\)$/; next }
  is_inside { print }
' docs/changelog.md)
if [[ -z ${notes//[[:space:]]/} ]]; then
  echo "error: docs/changelog.md has no section '## $version (DATE)'" >&2
  exit 1
fi
printf '%s\n' "$notes"
