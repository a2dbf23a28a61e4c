#!/usr/bin/env bash
# Tries real clients against amx serve and a scripted provider: answers, streams, a cut, a refusal.
# Needs python3 with venv, the Python package index, and a built program (AMX, target/release/amx);
# with npm its SDKs are tried as well.
set -euo pipefail
cd "$(dirname "$0")/.."
amx=${AMX:-target/release/amx}
work=$(mktemp -d)
trap 'kill "${provider:-}" "${server:-}" 2>/dev/null || true; wait; rm -rf "$work"' EXIT
chmod 700 "$work"
python3 -m venv "$work/venv"
"$work/venv/bin/pip" -q install openai anthropic langchain-openai
python3 benches/clients_provider.py > "$work/port" &
provider=$!
until [ -s "$work/port" ]; do sleep 0.1; done
cat > "$work/config.yml" <<YAML
llm_profiles:
  work:
    provider: openrouter
    model: a/b
    base_url: http://127.0.0.1:$(cat "$work/port")/api/v1
YAML
chmod 600 "$work/config.yml"
export AMX_CONFIG_DIR=$work AMX_NO_KEYRING=1 OPENROUTER_API_KEY=sk-or-v1-0123456789abcdef
key=$("$amx" serve keys add clients)
"$amx" serve --listen 127.0.0.1:0 > "$work/listening" &
server=$!
until grep -q listening "$work/listening"; do sleep 0.1; done
base=$(sed 's/listening on //' "$work/listening")
"$work/venv/bin/python" benches/clients.py "$base" "$key"
if command -v npm > /dev/null; then
  cp benches/clients.mjs "$work"
  cd "$work"
  npm install --silent --no-fund --no-audit openai @anthropic-ai/sdk
  node clients.mjs "$base" "$key"
fi
