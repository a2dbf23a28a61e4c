#!/usr/bin/env bash
# What the program consists of, by crate and by folder of amx (tools, mcp, telemetry, …):
# sizes.sh [PROGRAM], with symbols. Generic code counts for the crate that wrote it, wherever it was
# compiled.
set -euo pipefail
cd "$(dirname "$0")/.."

program="${1:-}"
if [[ -z $program ]]; then
  CARGO_PROFILE_DIST_STRIP=none CARGO_TARGET_DIR=target/sizes \
    cargo build --profile dist --locked --quiet
  program=target/sizes/dist/amx
fi

echo "sections, kB:"
size -A -d "$program" | awk '$2 > 100000 && !/debug|Total/ {printf "%8.0f  %s\n", $2 / 1000, $1}' |
  sort -rn
echo "functions by crate, kB:"
nm --print-size --radix=d -C "$program" | awk '
  $3 ~ /^[tT]$/ {
    name = $0
    sub(/^[0-9]+ [0-9]+ [tT] /, "", name)
    crate = "C"
    if (match(name, /[a-z_0-9]+(\[[0-9a-f]+\])?::/)) {
      crate = substr(name, RSTART, RLENGTH - 2)
      sub(/\[.*/, "", crate)
    } else if (name ~ /^sqlite|^fts/) crate = "SQLite"
    else if (name ~ /^ring_|^_?x25519|^fiat|^p256|^ecp_|^aes|^gcm|^bn_|^GFp/) crate = "ring"
    else if (name ~ /^onig|^re_|^regex|^unicode_/) crate = "onig"
    else if (name ~ /^_?dbus/) crate = "libdbus"
    else if (name ~ /^yaml_/) crate = "libyaml_rs"
    bytes[crate] += $2
  }
  END { for (crate in bytes) printf "%8.0f  %s\n", bytes[crate] / 1000, crate }
' | sort -rn | head -30
echo "functions of amx by folder, kB:"
nm --print-size --radix=d -C "$program" | awk '
  $3 ~ /^[tT]$/ && match($0, /amx(\[[0-9a-f]+\])?::[a-z_]+/) {
    folder = substr($0, RSTART, RLENGTH)
    sub(/.*::/, "", folder)
    bytes[folder] += $2
  }
  END { for (folder in bytes) printf "%8.0f  %s\n", bytes[folder] / 1000, folder }
' | sort -rn
