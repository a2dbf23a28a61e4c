"""A scripted provider for clients.sh: chat, responses, messages and embeddings."""

import json
import socket
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class H(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *a):
        pass

    def do_GET(self):
        self.send_response(404)
        self.send_header("content-length", "0")
        self.end_headers()

    def do_POST(self):
        n = int(self.headers.get("content-length") or 0)
        body = self.rfile.read(n)
        j = json.loads(body)
        model = j.get("model", "")

        def whole(st, o, h={}):
            b = json.dumps(o).encode()
            self.send_response(st)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(b)))
            for k, v in h.items():
                self.send_header(k, v)
            self.end_headers()
            self.wfile.write(b)

        def stream(parts, cut=False, delay=0):
            self.send_response(200)
            self.send_header("content-type", "text/event-stream")
            self.send_header("x-generation-id", "gen-7")
            self.send_header("transfer-encoding", "chunked")
            self.end_headers()
            for p in parts:
                if isinstance(p, (int, float)):
                    time.sleep(p)
                    continue
                b = p.encode()
                self.wfile.write(b"%x\r\n" % len(b) + b + b"\r\n")
                self.wfile.flush()
            if cut:
                self.connection.shutdown(socket.SHUT_RDWR)
                self.close_connection = True
                return
            self.wfile.write(b"0\r\n\r\n")

        if model == "x/503":
            return whole(503, {"error": {"message": "overloaded", "code": 503}})
        if model == "x/429":
            return whole(
                429, {"error": {"message": "slow down", "code": 429}}, {"retry-after": "1"}
            )
        if model == "x/400":
            return whole(400, {"error": {"message": "bad", "code": 400}})
        if model == "x/echo":
            return whole(
                400,
                {"error": {"message": "key " + self.headers.get("authorization", ""), "code": 400}},
            )
        if model == "x/slow":
            time.sleep(20)
        usage = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5, "cost": 0.0001}
        if self.path.endswith("/chat/completions"):
            if not j.get("stream"):
                return whole(
                    200,
                    {
                        "id": "c1",
                        "object": "chat.completion",
                        "created": 1,
                        "model": "a/b",
                        "choices": [
                            {
                                "index": 0,
                                "message": {"role": "assistant", "content": "Hello"},
                                "finish_reason": "stop",
                            }
                        ],
                        "usage": usage,
                    },
                )
            ch = (
                lambda d, f=None: "data: "
                + json.dumps(
                    {
                        "id": "c1",
                        "object": "chat.completion.chunk",
                        "created": 1,
                        "model": "a/b",
                        "choices": [{"index": 0, "delta": d, "finish_reason": f}],
                    }
                )
                + "\n\n"
            )
            parts = [
                ": OPENROUTER PROCESSING\n\n",
                ch({"role": "assistant", "content": "Hel"}),
                ch({"content": "lo"}),
            ]
            if model == "x/cut":
                return stream(parts, cut=True)
            if model == "x/end":
                return stream(parts)
            if model == "x/quiet":
                parts += [12]
            if model == "x/err0":
                return stream(
                    [
                        ": OPENROUTER PROCESSING\n\n",
                        "data: "
                        + json.dumps({"error": {"code": 502, "message": "no provider"}})
                        + "\n\n",
                    ]
                )
            parts += [
                ch({}, "stop"),
                "data: "
                + json.dumps(
                    {
                        "id": "c1",
                        "object": "chat.completion.chunk",
                        "created": 1,
                        "model": "a/b",
                        "choices": [],
                        "usage": usage,
                    }
                )
                + "\n\n",
                "data: [DONE]\n\n",
            ]
            return stream(parts)
        if self.path.endswith("/responses"):
            base = {
                "id": "r1",
                "object": "response",
                "created_at": 1,
                "model": "a/b",
                "parallel_tool_calls": True,
                "tool_choice": "auto",
                "tools": [],
            }
            item = {
                "type": "message",
                "id": "m1",
                "status": "completed",
                "role": "assistant",
                "content": [{"type": "output_text", "text": "Hello", "annotations": []}],
            }
            u = {
                "input_tokens": 3,
                "input_tokens_details": {"cached_tokens": 0},
                "output_tokens": 2,
                "output_tokens_details": {"reasoning_tokens": 0},
                "total_tokens": 5,
                "cost": 0.0002,
            }
            done = {**base, "status": "completed", "output": [item], "usage": u}
            if not j.get("stream"):
                return whole(200, done)
            n = [0]

            def ev(t, **k):
                n[0] += 1
                return "event: %s\ndata: %s\n\n" % (
                    t,
                    json.dumps({"type": t, "sequence_number": n[0], **k}),
                )

            parts = [
                ev("response.created", response={**base, "status": "in_progress", "output": []}),
                ev(
                    "response.output_item.added",
                    output_index=0,
                    item={**item, "status": "in_progress", "content": []},
                ),
                ev(
                    "response.content_part.added",
                    item_id="m1",
                    output_index=0,
                    content_index=0,
                    part={"type": "output_text", "text": "", "annotations": []},
                ),
                ev(
                    "response.output_text.delta",
                    item_id="m1",
                    output_index=0,
                    content_index=0,
                    delta="Hello",
                    logprobs=[],
                ),
            ]
            if model == "x/cut":
                return stream(parts, cut=True)
            parts += [
                ev("response.output_item.done", output_index=0, item=item),
                ev("response.completed", response=done),
            ]
            return stream(parts)
        if self.path.endswith("/messages"):
            u = {"input_tokens": 3, "output_tokens": 2}
            if not j.get("stream"):
                return whole(
                    200,
                    {
                        "id": "msg_1",
                        "type": "message",
                        "role": "assistant",
                        "model": "a/b",
                        "content": [{"type": "text", "text": "Hello"}],
                        "stop_reason": "end_turn",
                        "stop_sequence": None,
                        "usage": u,
                    },
                )

            def ev(t, **k):
                return "event: %s\ndata: %s\n\n" % (t, json.dumps({"type": t, **k}))

            parts = [
                ev(
                    "message_start",
                    message={
                        "id": "msg_1",
                        "type": "message",
                        "role": "assistant",
                        "model": "a/b",
                        "content": [],
                        "stop_reason": None,
                        "stop_sequence": None,
                        "usage": {"input_tokens": 3, "output_tokens": 1},
                    },
                ),
                ev("content_block_start", index=0, content_block={"type": "text", "text": ""}),
                ev("content_block_delta", index=0, delta={"type": "text_delta", "text": "Hello"}),
            ]
            if model == "x/cut":
                return stream(parts, cut=True)
            parts += [
                ev("content_block_stop", index=0),
                ev(
                    "message_delta",
                    delta={"stop_reason": "end_turn", "stop_sequence": None},
                    usage={"output_tokens": 2},
                ),
                ev("message_stop"),
            ]
            return stream(parts)
        if self.path.endswith("/embeddings"):
            return whole(
                200,
                {
                    "object": "list",
                    "data": [{"object": "embedding", "index": 0, "embedding": [0.5, 0.25]}],
                    "model": "e/m",
                    "usage": {"prompt_tokens": 3, "total_tokens": 3},
                },
            )
        whole(404, {"error": {"message": "nope"}})


server = ThreadingHTTPServer(("127.0.0.1", 0), H)
print(server.server_address[1], flush=True)
server.serve_forever()
