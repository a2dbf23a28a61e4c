#!/usr/bin/env bash
# Tries amx with the servers of other people: the Python SDK (mcp 2.3.0) over stdio and HTTP, and the
# reference server of npm (server-everything). Needs pip, npm and their registries; not part of CI.
#
#   benches/mcp_peers.sh [AMX]      the program to try; target/release/amx without it
set -euo pipefail
cd "$(dirname "$0")/.."
amx="$(realpath "${1:-target/release/amx}")"
folder="$(mktemp -d)"
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$folder"' EXIT

python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet 'mcp==2.3.0'
npm install --prefix "$folder" --no-audit --no-fund --silent \
    @modelcontextprotocol/server-everything
cat >"$folder/server.py" <<'PYTHON'
import sys
from mcp.server.mcpserver import MCPServer

server = MCPServer("peer")


@server.tool()
def add(a: int, b: int) -> int:
    """Adds two numbers."""
    return a + b


@server.tool()
def fail() -> str:
    """Fails."""
    raise ValueError("on purpose")


if len(sys.argv) > 1:
    server.run(transport="streamable-http", port=int(sys.argv[1]))
else:
    server.run()
PYTHON
"$folder/venv/bin/python" "$folder/server.py" 28765 >"$folder/python.log" 2>&1 &
PORT=28766 "$folder/node_modules/.bin/mcp-server-everything" streamableHttp \
    >"$folder/node.log" 2>&1 &
for port in 28765 28766; do
    until (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do :; done
done

export AMX_CONFIG_DIR="$folder/amx"
mkdir -m 700 "$AMX_CONFIG_DIR"
cat >"$AMX_CONFIG_DIR/config.yml" <<YAML
mcp_servers:
  python: {command: ["$folder/venv/bin/python", "$folder/server.py"]}
  python-http: {url: "http://127.0.0.1:28765/mcp"}
  everything: {command: ["$folder/node_modules/.bin/mcp-server-everything", stdio]}
  everything-http: {url: "http://127.0.0.1:28766/mcp"}
YAML
chmod 600 "$AMX_CONFIG_DIR/config.yml"
for server in python python-http everything everything-http; do
    echo "== $server"
    "$amx" mcp test "$server"
done
call() {
    echo "== $1 $2"
    "$amx" tools run --allow "$1" "$1" "$2" || echo "exit $?"
}
call python__add '{"a":1,"b":2}'
call python__fail '{}'
call python-http__add '{"a":1,"b":2}'
call everything__echo '{"message":"hello"}'
call everything__get-sum '{"a":1,"b":2}'
call everything__get-tiny-image '{}'
call everything-http__echo '{"message":"hello"}'
