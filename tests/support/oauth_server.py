#!/usr/bin/env python3
"""An MCP server behind a login, and its authorization server, that check what they are sent.

    oauth_server.py LOG [--mode MODE]

Prints the ports of both, and serves until stdin ends. The log has a JSON value a line. A request
that breaks a rule of the standards is refused, and logged with `bad`.
"""

import argparse
import base64
import hashlib
import json
import secrets
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, parse_qsl, urlencode, urlparse

parser = argparse.ArgumentParser()
parser.add_argument("log")
parser.add_argument("--mode", default="")
options = parser.parse_args()
lock = threading.Lock()
clients, codes, tokens, refreshes = {}, {}, {}, {}
refusals = threading.Semaphore(0)
MODE = options.mode


def log(**entry):
    with lock, open(options.log, "a", encoding="utf-8") as file:
        file.write(json.dumps(entry) + "\n")


class Bad(Exception):
    pass


def require(condition, what):
    if not condition:
        raise Bad(what)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, value=None, headers=()):
        body = b"" if value is None else json.dumps(value).encode()
        self.send_response(status)
        for name, text in headers:
            self.send_header(name, text)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def handled(self, work):
        entry = {
            "server": self.role,
            "method": self.command,
            "path": urlparse(self.path).path,
            "has_token": "Authorization" in self.headers,
        }
        try:
            work(entry)
            log(**entry)
        except Bad as bad:
            log(**entry, bad=str(bad))
            self.answer(400, {"error": "invalid_request", "error_description": str(bad)})

    def do_GET(self):
        self.handled(self.get)

    def do_POST(self):
        self.handled(self.post)

    def do_DELETE(self):
        self.handled(lambda entry: self.answer(204))


class Resource(Handler):
    role = "resource"

    def get(self, entry):
        if urlparse(self.path).path == "/.well-known/oauth-protected-resource/mcp":
            require("Authorization" not in self.headers, "a token for public metadata")
            other = "https://other.example/mcp"
            return self.answer(200, {
                "resource": other if MODE == "other_resource" else RESOURCE,
                "authorization_servers": [ISSUER],
                "scopes_supported": ["tools:read", "tools:write"],
            })
        self.answer(405 if urlparse(self.path).path == "/mcp" else 404, {})

    def post(self, entry):
        raw = self.body()
        require(urlparse(self.path).path == "/mcp", "a request to another path")
        require("text/event-stream" in self.headers.get("Accept", ""), "no Accept")
        token = self.headers.get("Authorization", "")
        if not token and MODE == "open":
            return self.answer(200, {"jsonrpc": "2.0", "id": 1, "result": {}})
        grant = tokens.get(token.removeprefix("Bearer "))
        if token:
            require(grant is not None or token.removeprefix("Bearer ") in refreshes.values(),
                    "a token that was never issued here")
        if grant is None or grant["uses"] == 0:
            entry["refused"] = True
            if token:
                refusals.release()
            scope = "" if MODE == "no_scope" else ', scope="tools:read"'
            where = "" if MODE == "well_known" else f', resource_metadata="{METADATA}"'
            return self.answer(401, {}, [("WWW-Authenticate", f'Bearer realm="mcp"{where}{scope}')])
        grant["uses"] -= 1
        message = json.loads(raw)
        entry["rpc"] = message["method"]
        if "id" not in message:
            return self.answer(202)
        reply = {"jsonrpc": "2.0", "id": message["id"]}
        if message["method"] == "initialize":
            version = message["params"]["protocolVersion"]
            reply["result"] = {"protocolVersion": version, "capabilities": {"tools": {}},
                               "serverInfo": {"name": "locked", "version": "1"}}
        elif message["method"] == "tools/list":
            tool = {"name": "secret_word", "description": "The word.",
                    "inputSchema": {"type": "object", "properties": {}}}
            reply["result"] = {"tools": [tool]}
        elif message["method"] == "tools/call":
            reply["result"] = {"content": [{"type": "text", "text": "xyzzy"}]}
        else:
            reply["error"] = {"code": -32601, "message": "Method not found"}
        self.answer(200, reply)


class Issuer(Handler):
    role = "issuer"

    def get(self, entry):
        parts = urlparse(self.path)
        require("Authorization" not in self.headers, "a token for the authorization server")
        if parts.path == "/.well-known/oauth-authorization-server":
            metadata = {
                "issuer": "https://evil.example" if MODE == "other_issuer" else ISSUER,
                "authorization_endpoint": ISSUER + "/authorize",
                "token_endpoint": ISSUER + "/token",
                "registration_endpoint": ISSUER + "/register",
                "revocation_endpoint": ISSUER + "/revoke",
                "code_challenge_methods_supported": ["plain" if MODE == "no_pkce" else "S256"],
                "authorization_response_iss_parameter_supported": True,
                "token_endpoint_auth_methods_supported": ["none", "client_secret_post"],
            }
            if MODE == "no_registration":
                del metadata["registration_endpoint"]
            if MODE == "no_revocation":
                del metadata["revocation_endpoint"]
            return self.answer(200, metadata)
        if parts.path != "/authorize":
            return self.answer(404, {})
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        require(len(query) == len(parse_qs(parts.query)), "a parameter twice")
        require(query.get("response_type") == "code", "response_type")
        require(query.get("client_id") in clients, "an unknown client")
        redirect = query.get("redirect_uri", "")
        require(redirect in clients[query["client_id"]], f"another redirect: {redirect}")
        require(query.get("code_challenge_method") == "S256", "no PKCE with S256")
        require(len(query.get("code_challenge", "")) == 43, "no challenge")
        require(len(query.get("state", "")) >= 22, "a state that can be guessed")
        require(query.get("resource") == RESOURCE, f"another resource: {query.get('resource')}")
        scope = "tools:read tools:write" if MODE == "no_scope" else "tools:read"
        require(query.get("scope") == scope, f"another scope: {query.get('scope')}")
        back = {"state": query["state"], "iss": ISSUER}
        if MODE == "deny":
            back |= {"error": "access_denied", "error_description": "the user said no"}
        else:
            back["code"] = secrets.token_urlsafe(24)
            codes[back["code"]] = query
        if MODE == "wrong_state":
            back["state"] = "x" * 43
        if MODE == "wrong_iss":
            back["iss"] = "https://evil.example"
        if MODE == "no_iss":
            del back["iss"]
        self.answer(302, None, [("Location", redirect + "?" + urlencode(back))])

    def post(self, entry):
        path, raw = urlparse(self.path).path, self.body()
        require("Authorization" not in self.headers, "a token for the authorization server")
        if path == "/register":
            require(self.headers["Content-Type"] == "application/json", "no JSON")
            asked = json.loads(raw)
            redirects = asked["redirect_uris"]
            require(len(redirects) == 1, "more than one redirect")
            where = urlparse(redirects[0])
            require((where.scheme, where.hostname, where.path) ==
                    ("http", "127.0.0.1", "/callback"), "a redirect to elsewhere")
            require(asked["token_endpoint_auth_method"] == "none", "a method of a secret")
            require(asked["grant_types"] == ["authorization_code", "refresh_token"], "grants")
            client = "client-" + secrets.token_hex(4)
            clients[client] = redirects
            return self.answer(201, {"client_id": client, **asked})
        require(path in ("/token", "/revoke"), "an unknown path")
        require(self.headers["Content-Type"] == "application/x-www-form-urlencoded", "no form")
        form = dict(parse_qsl(raw.decode(), strict_parsing=True))
        if path == "/revoke":
            return self.revoke(form, entry)
        entry["grant"] = form.get("grant_type")
        require(form.get("client_id") in clients, "an unknown client")
        require(form.get("resource") == RESOURCE, f"another resource: {form.get('resource')}")
        if form["grant_type"] == "authorization_code":
            asked = codes.pop(form["code"], None)
            require(asked is not None, "an unknown or used code")
            require(asked["client_id"] == form["client_id"], "the code of another client")
            require(asked["redirect_uri"] == form["redirect_uri"], "another redirect")
            digest = hashlib.sha256(form["code_verifier"].encode()).digest()
            challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
            require(challenge == asked["code_challenge"], "a wrong verifier")
        else:
            require(form["grant_type"] == "refresh_token", "an unknown grant")
            old = refreshes.pop(form["refresh_token"], None)
            require(old is not None, "an unknown or used refresh token")
            if MODE == "together":
                # Until both processes need another token.
                refusals.acquire()
                refusals.acquire()
            if MODE == "no_refresh":
                raise Bad("the grant was revoked")
        audience = "https://other.example/mcp" if MODE == "audience" else RESOURCE
        claims = base64.urlsafe_b64encode(json.dumps({"aud": audience}).encode()).rstrip(b"=")
        token = f"e30.{claims.decode()}.{secrets.token_urlsafe(24)}"
        uses = 2 if MODE in ("short", "no_refresh", "together") and form["grant_type"] != "refresh_token" else 99
        tokens[token] = {"uses": uses}
        refresh = secrets.token_urlsafe(24)
        refreshes[refresh] = token
        self.answer(200, {"access_token": token, "token_type": "Bearer", "refresh_token": refresh,
                          "expires_in": 0 if MODE == "expired" else 3600})

    def revoke(self, form, entry):
        if MODE == "revocation_fails":
            return self.answer(503, {"error": "temporarily_unavailable"})
        require(form.get("client_id") in clients, "an unknown client")
        kind = form.get("token_type_hint")
        known = {"access_token": tokens, "refresh_token": refreshes}[kind]
        require(form.get("token") in known, "a token that was never issued here")
        del known[form["token"]]
        entry["revoked"] = kind
        self.answer(200)


servers = [ThreadingHTTPServer(("127.0.0.1", 0), role) for role in (Resource, Issuer)]
ports = [server.server_address[1] for server in servers]
RESOURCE = f"http://127.0.0.1:{ports[0]}/mcp"
METADATA = f"http://127.0.0.1:{ports[0]}/.well-known/oauth-protected-resource/mcp"
ISSUER = f"http://127.0.0.1:{ports[1]}"
for server in servers:
    threading.Thread(target=server.serve_forever, daemon=True).start()
print(*ports, flush=True)
sys.stdin.read()
