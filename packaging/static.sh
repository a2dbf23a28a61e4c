#!/usr/bin/env bash
# Fails unless a program runs without shared libraries:
#
#   packaging/static.sh PROGRAM
set -euo pipefail

headers=$(readelf --program-headers --dynamic --wide "$1")
if grep -E 'INTERP|NEEDED' <<< "$headers"; then
  echo "error: $1 is not static" >&2
  exit 1
fi
