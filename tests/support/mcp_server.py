#!/usr/bin/env python3
"""An MCP server of both eras, over stdio and HTTP, that checks what it is sent and can be broken.

    mcp_server.py [--era legacy|new|both] [--mode MODE] [--log FILE] [--state FILE] …

Strict: a request that the revision does not allow is answered with an error, and written to the
log with `bad`. The log has a JSON value a line: what arrived, the start and the end of the server.
The state is a file whose text is the description of the tool `echo`, so that tests can change it;
with a file `STATE.writes` the tool does not claim to be read-only.

With `--streams`, HTTP has a stream of notifications: the answer to GET in the older era, and to
`subscriptions/listen` in the newer one. A change of the state is announced there. In the older era
log messages and requests come with it; in the newer one the server then ends the subscription.
"""

import argparse
import base64
import json
import os
import queue
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

NEW = "2026-07-28"
LEGACY = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"]
META = "io.modelcontextprotocol/"
# A title, the other screen, a colour, and a bell.
NOISE = "\x1b]0;owned\x07\x1b[?1049h\x1b[31mLOUD\x1b[0m\a\r\n"
PNG = base64.b64encode(b"\x89PNG" + b"\0" * 11996).decode()

parser = argparse.ArgumentParser()
parser.add_argument("--era", default="both", choices=["legacy", "new", "both"])
parser.add_argument("--mode", default="")
parser.add_argument("--log")
parser.add_argument("--http", metavar="PORTFILE")
parser.add_argument("--state")
parser.add_argument("--tools", help="a file with the tools, in place of its own")
parser.add_argument("--notify", action="store_true", help="a notification before each answer")
parser.add_argument("--token", help="the bearer token that HTTP requires")
parser.add_argument("--plain", action="store_true", help="answer HTTP as JSON, not as events")
parser.add_argument("--streams", action="store_true", help="announce changes over HTTP")
options = parser.parse_args()
lock = threading.Lock()


def log(**entry):
    if options.log:
        line = json.dumps(entry) + "\n"
        with lock, open(options.log, "a", encoding="utf-8") as file:
            file.write(line)


def description():
    try:
        with open(options.state, encoding="utf-8") as file:
            return file.read()
    except (TypeError, FileNotFoundError):
        return "Returns its text."


def reads_only():
    return not os.path.exists(f"{options.state}.writes")


def declarations():
    text = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}
    number = {"type": "integer"}
    nothing = {"type": "object", "properties": {}}
    region = {"type": "string", "x-mcp-header": "Region"}
    return [
        {"name": "echo", "description": description(), "inputSchema": text,
         "annotations": {"readOnlyHint": reads_only()}},
        {"name": "add", "description": "Adds.", "inputSchema": {
            "type": "object", "properties": {"a": number, "b": number}, "required": ["a", "b"]}},
        {"name": "get_image", "description": "An image.", "inputSchema": nothing},
        {"name": "delete_all", "inputSchema": nothing},
        {"name": "wait", "description": "Waits.", "inputSchema": {
            "type": "object", "properties": {"seconds": {"type": "number"}}}},
        {"name": "where", "description": "Reads its region.", "inputSchema": {
            "type": "object", "properties": {"region": region}}},
        {"name": "env", "description": "Its environment.", "inputSchema": nothing},
    ]


def call(name, arguments):
    if options.mode == "input_required":
        return {"resultType": "input_required", "inputRequests": {"a": {}}, "requestState": "s"}
    if name == "echo":
        return content(arguments.get("text", ""))
    if name == "add":
        total = arguments["a"] + arguments["b"]
        return {**content(str(total)), "structuredContent": {"result": total}}
    if name == "get_image":
        parts = [{"type": "image", "data": PNG, "mimeType": "image/png"}]
        return {"content": parts, "isError": False}
    if name == "wait":
        time.sleep(arguments.get("seconds", 0))
        return content("waited")
    if name == "where":
        return content(arguments.get("region", "nowhere"))
    if name == "env":
        return content(json.dumps(dict(os.environ)))
    return {**content(f"Unknown tool: {name}"), "isError": True}


def content(text):
    return {"content": [{"type": "text", "text": text}], "isError": False}


def error(code, message, data=None):
    body = {"code": code, "message": message}
    if data is not None:
        body["data"] = data
    return {"error": body}


class Session:
    """What one connection has said so far."""

    initialized = False


def check(message, session):
    """The error for a request that its era does not allow, else None."""
    method, meta = message["method"], message.get("params", {}).get("_meta", {})
    asked = meta.get(META + "protocolVersion")
    if method == "initialize":
        return error(-32022, "no such version", {"supported": [NEW], "requested": "?"}) \
            if options.era == "new" else None
    if options.era == "legacy" and method == "server/discover":
        return error(-32601, "Method not found")
    if options.mode == "other_version" and method == "server/discover":
        return error(-32022, "no such version", {"supported": LEGACY[1:], "requested": asked})
    if asked is None:
        if options.era == "new":
            return error(-32602, "params._meta is missing the required envelope key(s)")
        return None if session.initialized else error(-32600, "not initialized")
    if options.era == "legacy":
        return error(-32601, "Method not found")
    if asked != NEW:
        return error(-32022, "no such version", {"supported": [NEW], "requested": asked})
    missing = [key for key in ("clientCapabilities", "clientInfo") if META + key not in meta]
    return error(-32602, f"missing {missing}") if missing else None


def answer(message, session):
    """The answer to a request, without its ID."""
    bad = check(message, session)
    if bad:
        if message["method"] != "server/discover":
            log(bad=message, error=bad)
        return bad
    method, parameters = message["method"], message.get("params", {})
    if method == "server/discover":
        return {"result": {"supportedVersions": [NEW] + (LEGACY if options.era == "both" else []),
                           "capabilities": {"tools": {"listChanged": True}},
                           "resultType": "complete", "ttlMs": 0, "cacheScope": "private"}}
    if method == "initialize":
        offered = parameters["protocolVersion"]
        session.initialized = True
        chosen = "1999-01-01" if options.mode == "odd_version" else offered
        return {"result": {"protocolVersion": chosen if options.mode == "odd_version" or
                           offered in LEGACY else LEGACY[0],
                           "capabilities": {"tools": {"listChanged": True}},
                           "serverInfo": {"name": "stub", "version": "1"}}}
    if method == "tools/list":
        return {"result": listed(parameters.get("cursor"))}
    if method == "tools/call":
        return {"result": call(parameters["name"], parameters.get("arguments", {}))}
    return error(-32601, "Method not found")


def listed(cursor):
    if options.tools:
        with open(options.tools, encoding="utf-8") as file:
            return {"tools": json.load(file)}
    tools = declarations()
    if options.mode == "huge_list":
        return {"tools": [{"name": f"t{n}", "description": "x" * 1000} for n in range(5000)]}
    if options.mode == "giant_list":
        return {"tools": [{"name": f"t{n}", "description": "x" * 10000} for n in range(1500)]}
    if options.mode == "many_values":
        return {"tools": tools + [{"name": "v", "inputSchema": {"enum": [1] * 4_000_000}}]}
    if options.mode == "endless_pages":
        number = int(cursor or 0)
        return {"tools": [{"name": f"t{number}"}], "nextCursor": str(number + 1)}
    if options.mode == "odd_tools":
        return {"tools": tools + [7, {"name": "x y"}, {"name": "echo"}, {"inputSchema": {}}]}
    if options.mode == "collides":
        return {"tools": tools + [{"name": "get.image", "description": "Another image."}]}
    if options.mode == "deep":
        tools[1]["inputSchema"] = "DEEP"
    half = len(tools) // 2
    if cursor == "2":
        return {"tools": tools[half:]}
    return {"tools": tools[:half], "nextCursor": "2"}


# Over stdio.

def write(data):
    with lock:
        sys.stdout.buffer.write(data if isinstance(data, bytes) else data.encode())
        sys.stdout.buffer.flush()


def send(message):
    line = json.dumps({"jsonrpc": "2.0", **message})
    if options.mode == "deep":
        line = line.replace('"DEEP"', "[" * 100_000 + "]" * 100_000)
    data = line.encode()
    if options.mode == "bad_utf8":
        data = data.replace(b"Returns its", b"Returns \xff\xfe its")
    write(data + (b"" if options.mode == "no_newline" else b"\n"))


def broken(message):
    """Whether this request is answered in a broken way, and does so."""
    mode, method, number = options.mode, message["method"], message["id"]
    if mode == "silent" or (mode == "silent_list" and method == "tools/list"):
        return True
    if method == "server/discover":
        if mode in ("ends_at_discover", "ends_without_tools"):
            sys.exit("expected initialize")
        if mode == "odd_discover":
            send({"id": number, "result": 7})
        if mode in ("odd_discover", "silent_discover"):
            return True
    if mode == "ends_without_tools" and method == "tools/list":
        send({"id": number, **error(-32601, "Method not found")})
        return True
    if mode == "silent_call" and method == "tools/call":
        return True
    if mode == "refuses_changed_list" and method == "tools/list" and os.path.exists(options.state):
        # Once.
        options.mode = ""
        send({"id": number, "error": {"code": -32603, "message": "not now"}})
        return True
    if (mode, method) in (("dies_in_list", "tools/list"), ("dies_in_call", "tools/call")):
        os._exit(3)
    if mode == "closes_output" and method == "tools/list":
        os.close(1)
        return True
    if mode == "gigabyte" and method == "tools/list":
        for _ in range(1024):
            write(b"x" * 1024 * 1024)
        write(b"\n")
    if mode == "endless_line" and method == "tools/list":
        while True:
            write(b"x" * 1024 * 1024)
    if mode == "flood" and method == "tools/list":
        line = json.dumps({"jsonrpc": "2.0", "method": "notifications/message", "params": {}})
        while True:
            write(f"{line}\n" * 1000)
    if mode == "garbage":
        write(b"Starting...\n{]\n\n[1,2]\n\"text\"\n\x00\x01\x02\n" + b"y" * 70_000 + b"\n")
    if mode == "only_garbage":
        write(b"what?\n" * 100)
        return True
    if mode == "wrong_id":
        send({"id": number + 1000, **answer(message, stdio)})
        return True
    if mode == "string_id":
        send({"id": str(number), **answer(message, stdio)})
        return True
    if mode == "null_id":
        send({"id": None, **answer(message, stdio)})
        return True
    if mode == "twice":
        send({"id": number, **answer(message, stdio)})
    if mode == "no_method":
        send({"id": number, **error(-32601, "Method not found")})
        return True
    if mode == "odd_error":
        send({"id": number, "error": "it broke"})
        return True
    if mode == "odd_result":
        send({"id": number, "result": 7})
        return True
    if mode == "asks":
        for asked in range(1000):
            kind = ["sampling/createMessage", "elicitation/create", "roots/list"][asked % 3]
            send({"id": f"s{asked}", "method": kind, "params": {}})
        send({"id": "p", "method": "ping"})
    if mode == "large_result" and method == "tools/call":
        send({"id": number, "result": content("z" * 17 * 1024 * 1024)})
        return True
    if mode == "stderr":
        sys.stderr.write("noise\n" * 100_000)
    if mode.startswith("loud"):
        be_loud()
    if mode == "loud_refusal":
        send({"id": number, **error(-32603, NOISE)})
        return True
    return False


def be_loud():
    """Writes what a terminal would obey to stderr, and to the terminal if there is one."""
    sys.stderr.write(NOISE)
    sys.stderr.flush()
    try:
        with open("/dev/tty", "w", encoding="utf-8") as terminal:
            terminal.write(NOISE)
            log(wrote="to the terminal")
    except OSError:
        pass


stdio = Session()


def serve_stdio():
    mode = options.mode
    if mode == "dies":
        os._exit(4)
    if mode.startswith("loud"):
        be_loud()
    if mode == "loud_and_dies":
        os._exit(4)
    if mode == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if mode in ("stubborn", "daemon"):
        child = subprocess.Popen([sys.executable, "-c", "import signal, time\n"
                                  "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
                                  "time.sleep(600)"], stdout=subprocess.DEVNULL)
        log(child=child.pid)
    if mode == "deaf":
        time.sleep(600)
    sys.stderr.write("stub server ready\n")
    sys.stderr.flush()
    for line in sys.stdin.buffer:
        message = json.loads(line)
        log(received=message)
        if "method" not in message or "id" not in message:
            continue
        if message["method"] == "subscriptions/listen":
            continue
        if options.notify:
            send({"method": "notifications/tools/list_changed"})
            send({"id": "q", "method": "roots/list"})
        if not broken(message):
            send({"id": message["id"], **answer(message, stdio)})
    log(event="stdin closed")
    while mode == "stubborn":
        time.sleep(1)


# Over HTTP.

sessions = {}
streams = []
TOOLS_CHANGED = {"method": "notifications/tools/list_changed"}


def announce_changes():
    """Tells each open stream when the state has changed."""
    told = description()
    while True:
        time.sleep(0.01)
        current = description()
        if current == told:
            continue
        told = current
        with lock:
            for identity, messages in streams:
                for message in announced(identity):
                    messages.put(message)


def announced(identity):
    """A change of the tools, for a subscription or a session."""
    if isinstance(identity, int):
        meta = {"_meta": {META + "subscriptionId": identity}}
        yield {**TOOLS_CHANGED, "params": meta}
        if options.mode == "asks":
            # It must not.
            yield {"id": "ping-0", "method": "ping"}
        yield {"id": identity, "result": {"resultType": "complete", **meta}}
        return
    yield {"method": "notifications/message", "params": {"level": "info", "data": "changed"}}
    yield TOOLS_CHANGED
    for number in range(20):
        yield {"id": f"roots-{number}", "method": "roots/list"}
        yield {"id": f"ping-{number}", "method": "ping"}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def plain(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def refused(self):
        if options.token and self.headers.get("Authorization") != f"Bearer {options.token}":
            where = f"http://{self.headers['Host']}/.well-known/oauth-protected-resource"
            self.plain(401, WWW_Authenticate=f'Bearer resource_metadata="{where}"')
            return True
        if options.mode == "redirects":
            self.plain(307, Location="http://127.0.0.1:9/elsewhere")
            return True
        if options.mode == "http_500":
            self.plain(500, b"<html>it broke</html>")
            return True
        return False

    def do_GET(self):
        session = self.headers.get("Mcp-Session-Id")
        log(method="GET", headers=dict(self.headers))
        if not options.streams or options.era == "new":
            self.plain(405)
        elif "text/event-stream" not in self.headers.get("Accept", ""):
            self.plain(406)
        elif session not in sessions:
            self.plain(404 if session else 400)
        else:
            # What a client would resume from.
            self.stream(session, "id: 1\ndata:\n\n")

    def start_events(self, extra=()):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        for name, value in dict(extra).items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.close_connection = True

    def event(self, message):
        data = json.dumps({"jsonrpc": "2.0", **message})
        self.wfile.write(f": hello\nevent: message\ndata: {data}\n\n".encode())
        self.wfile.flush()

    def stream(self, identity, first):
        """Sends what is announced, until the client closes the connection."""
        messages = queue.SimpleQueue()
        self.start_events()
        self.wfile.write(first.encode())
        self.wfile.flush()
        with lock:
            streams.append((identity, messages))
        log(event="stream opened", stream=identity)
        while not self.is_left(0.01):
            while not messages.empty():
                self.event(messages.get())
        with lock:
            streams.remove((identity, messages))
        log(event="stream closed", stream=identity)

    def is_left(self, seconds):
        """Whether the client closes the connection in this time."""
        readable, _, _ = select.select([self.connection], [], [], seconds)
        return bool(readable) and not self.connection.recv(1, socket.MSG_PEEK)

    def subscribe(self, message):
        """Answers `subscriptions/listen`."""
        identity = message["id"]
        wanted = message["params"]["notifications"]
        meta = {"_meta": {META + "subscriptionId": identity}}
        granted = {"toolsListChanged": bool(wanted.get("toolsListChanged"))}
        acknowledged = {"method": "notifications/subscriptions/acknowledged",
                        "params": {**meta, "notifications": granted}}
        data = json.dumps({"jsonrpc": "2.0", **acknowledged})
        self.stream(identity, f":\ndata: {data}\n\n")

    def is_broken(self, message):
        """Whether this request is answered in a broken way, and does so."""
        if message.get("method") != "server/discover":
            return False
        if options.mode == "ends_at_discover":
            self.close_connection = True
        elif options.mode == "odd_discover":
            self.json(200, {"id": message["id"], "result": 7})
        elif options.mode == "silent_discover":
            self.is_left(600)
            self.close_connection = True
        else:
            return False
        return True

    def do_DELETE(self):
        session = self.headers.get("Mcp-Session-Id")
        log(method="DELETE", session=session)
        self.plain(200 if sessions.pop(session, None) else 404)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        message = json.loads(body)
        log(received=message, headers=dict(self.headers))
        if self.refused() or self.is_broken(message):
            return
        bad = self.bad_headers(message)
        if bad:
            log(bad=message, error=bad, headers=dict(self.headers))
            self.json(400, {"id": message.get("id"), **error(-32020, bad)})
            return
        meta = message.get("params", {}).get("_meta", {})
        session = Session()
        if META + "protocolVersion" not in meta and message.get("method") != "initialize":
            session = sessions.get(self.headers.get("Mcp-Session-Id"))
            if session is None:
                known = "Mcp-Session-Id" in self.headers
                self.json(404 if known else 400, {"id": None, **error(-32600, "no session")})
                return
        if "id" not in message or "method" not in message:
            self.plain(202)
            return
        self.answered(message, session)

    def answered(self, message, session):
        parameters = message.get("params", {})
        if message["method"] == "subscriptions/listen" and options.streams:
            self.subscribe(message)
            return
        if parameters.get("name") == "wait":
            seconds = parameters["arguments"].pop("seconds", 0)
            if self.is_left(seconds):
                log(event="call left", id=message["id"])
                self.close_connection = True
                return
        reply = answer(message, session)
        extra = {}
        if message["method"] == "initialize" and "result" in reply:
            identity = f"session-{len(sessions) + 1}"
            sessions[identity] = session
            extra["Mcp_Session_Id"] = identity
        if message["method"] == "tools/call" and options.mode == "expires":
            options.mode = ""
            sessions.clear()
            self.json(404, {"id": message["id"], **error(-32600, "no session")})
            return
        code = reply.get("error", {}).get("code")
        status = {-32601: 404, -32022: 400, -32602: 400, -32600: 400}.get(code, 200)
        if options.plain or status != 200:
            self.json(status, {"id": message["id"], **reply}, **extra)
        else:
            self.events(message["id"], reply, extra)

    def json(self, status, message, **headers):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.plain(status, body, Content_Type="application/json", **headers)

    def events(self, number, reply, extra):
        self.start_events(extra)
        messages = [{"id": number, **reply}]
        if options.notify:
            messages.insert(0, TOOLS_CHANGED)
            messages.insert(0, {"method": "notifications/message", "params": {}})
        if options.mode == "cut_events":
            messages.pop()
        for message in messages:
            self.event(message)

    def bad_headers(self, message):
        """What the headers lack, else None."""
        accept = self.headers.get("Accept", "")
        if "application/json" not in accept or "text/event-stream" not in accept:
            return "Accept"
        parameters = message.get("params", {})
        asked = parameters.get("_meta", {}).get(META + "protocolVersion")
        method, version = message.get("method"), self.headers.get("MCP-Protocol-Version")
        if asked is None:
            named = [name for name in self.headers if name.lower() in ("mcp-method", "mcp-name")]
            if named:
                return f"headers of another era: {named}"
            has_version = version in LEGACY
            return None if method in ("initialize", None) or has_version else "MCP-Protocol-Version"
        if version != asked:
            return "MCP-Protocol-Version"
        if self.headers.get("Mcp-Method") != method:
            return "Mcp-Method"
        if "Mcp-Session-Id" in self.headers:
            return "Mcp-Session-Id"
        if method == "tools/call":
            if self.headers.get("Mcp-Name") != parameters["name"]:
                return "Mcp-Name"
            region = parameters.get("arguments", {}).get("region")
            if region is not None and plain_text(self.headers.get("Mcp-Param-Region")) != region:
                return "Mcp-Param-Region"
        return None


def plain_text(value):
    if value and value.startswith("=?base64?") and value.endswith("?="):
        return base64.b64decode(value[9:-2]).decode()
    return value


def serve_http():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    partial = options.http + ".part"
    with open(partial, "w", encoding="utf-8") as file:
        file.write(str(server.server_address[1]))
    os.rename(partial, options.http)
    threading.Thread(target=announce_changes, daemon=True).start()
    server.serve_forever()


log(event="start", pid=os.getpid())
serve_http() if options.http else serve_stdio()
