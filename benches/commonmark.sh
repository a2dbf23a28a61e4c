#!/usr/bin/env bash
# Renders the examples of the CommonMark specification, and prints those of which a word is missing.
# The specification has a licence of its own (CC BY-SA), so it is fetched and not part of this tree.
set -euo pipefail
cd "$(dirname "$0")/.."

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
(cd "$folder" && npm pack --silent commonmark-spec@0.31.2 | xargs tar xzf)
AMX_COMMONMARK_SPEC="$folder/package/spec.txt" \
  cargo test --quiet --lib commonmark -- --ignored --nocapture
