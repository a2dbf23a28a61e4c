#!/usr/bin/env bash
# Builds amx from nothing as a newcomer does, and prints what takes how long. Wall time means
# something on a quiet machine only; CPU time is steadier.
set -euo pipefail
cd "$(dirname "$0")/.."

profile="${1:-release}"
folder="target/timings-$profile"
rm -rf "$folder"
TIMEFORMAT='wall %R s, CPU %U s + %S s'
time CARGO_TARGET_DIR="$folder" cargo build --profile "$profile" --locked --timings --quiet
ls -l "$folder/$profile/amx" | awk '{printf "program %.1f MB\n", $5 / 1e6}'
echo
echo "The longest, in seconds on one of $(nproc) cores:"
# The page has an object per unit, one field a line.
awk -F'[:,]' '
  /^const UNIT_DATA/ { inside = 1 }
  /^\];/ { inside = 0 }
  inside && /"name"/ { gsub(/[ "]/, "", $2); name = $2 }
  inside && /"target"/ { target = $2; gsub(/[ "]/, "", target) }
  inside && /"duration"/ { seconds[name] += $2 }
  END { for (name in seconds) printf "%7.1f  %s\n", seconds[name], name }
' "$folder"/cargo-timings/cargo-timing.html | sort -rn | head -20
rm -rf "$folder"
