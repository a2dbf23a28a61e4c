#!/usr/bin/env python3
"""Speed of amx batch beside a plain asyncio client, against a server on this machine.

    benches/batch.py [ROWS] [AT_ONCE] [MILLISECONDS]     default 2000 rows, 64 at once, 50 ms each
    benches/batch.py resume [ROWS]                       a second run with nothing left to ask

AMX names the program; the default is target/release/amx.
"""

import asyncio
import json
import multiprocessing
import os
import pathlib
import re
import resource
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = os.environ.get("CARGO_TARGET_DIR", str(ROOT / "target"))
AMX = os.environ.get("AMX", f"{TARGET}/release/amx")
KEY = "sk-or-v1-" + "0" * 64

EVENTS = (
    '{"id":"gen-1","model":"m/m","choices":[{"index":0,"delta":{"content":"fine"}}]}',
    '{"id":"gen-1","model":"m/m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}',
    '{"id":"gen-1","model":"m/m","choices":[],"usage":{"prompt_tokens":9,'
    '"completion_tokens":1,"total_tokens":10,"cost":0.0001}}',
    "[DONE]",
)
BODY = "".join(f"data: {event}\n\n" for event in EVENTS).encode()
REPLY = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: "
    + str(len(BODY)).encode() + b"\r\n\r\n" + BODY
)


class Answers(asyncio.Protocol):
    """One connection: the whole of a request, and its answer so many seconds later."""

    def __init__(self, delay):
        self.delay, self.received = delay, b""

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.received += data
        head, end, body = self.received.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
        if end and len(body) >= (int(length[1]) if length else 0):
            self.received = b""
            asyncio.get_running_loop().call_later(self.delay, self.transport.write, REPLY)


def serve(pipe, delay):
    async def run():
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: Answers(delay), "127.0.0.1", 0, backlog=2048)
        pipe.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()
    asyncio.run(run())


async def plain_client(port, rows, at_once):
    """The least that a client can do: a connection for each worker, and no parsing."""
    left = iter(range(rows))

    async def worker():
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for row in left:
            body = json.dumps({"model": "m/m", "messages": [{"role": "user", "content": str(row)}]})
            head = f"POST /api/v1/chat/completions HTTP/1.1\r\ncontent-length: {len(body)}\r\n\r\n"
            writer.write((head + body).encode())
            await reader.readuntil(b"[DONE]\n\n")
        writer.close()

    await asyncio.gather(*(worker() for _ in range(at_once)))


def run_amx(folder, port, at_once):
    environment = {
        "HOME": str(folder),
        "PATH": os.environ["PATH"],
        "OPENROUTER_BASE_URL": f"http://127.0.0.1:{port}/api/v1",
        "OPENROUTER_API_KEY": KEY,
        "AMX_NO_KEYRING": "1",
    }
    command = [AMX, "batch", "rows.jsonl", "{{text}}", "-o", "out.jsonl", "-m", "m/m"]
    command += ["--concurrency", str(at_once)]
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
    wall, after = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, cpu, after.ru_maxrss / 1024


def write_rows(folder, rows):
    with open(folder / "rows.jsonl", "w") as file:
        for row in range(rows):
            file.write(json.dumps({"id": f"r{row}", "text": f"text {row}"}) + "\n")


def started(delay):
    mine, theirs = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(theirs, delay), daemon=True)
    server.start()
    return mine.recv()


def speed(rows, at_once, milliseconds):
    port = started(milliseconds / 1000)
    ideal = rows / at_once * milliseconds / 1000
    start = time.monotonic()
    asyncio.run(plain_client(port, rows, at_once))
    plain = time.monotonic() - start
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        write_rows(folder, rows)
        wall, cpu, memory = run_amx(folder, port, at_once)
    print(f"{rows} rows, {at_once} at once, {milliseconds} ms each: ideal {ideal:.2f} s")
    print(f"  plain asyncio   {plain:6.2f} s  {plain / ideal:.2f}x")
    print(f"  amx batch       {wall:6.2f} s  {wall / ideal:.2f}x  CPU {cpu:.2f} s  {memory:.0f} MiB")


def resume(rows):
    port = started(0)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        write_rows(folder, rows)
        first = run_amx(folder, port, 256)
        again = run_amx(folder, port, 256)
    print(f"{rows} rows: first run {first[0]:.1f} s, {first[2]:.0f} MiB")
    print(f"  second run, nothing to ask: {again[0]:.2f} s, CPU {again[1]:.2f} s")


if sys.argv[1:2] == ["resume"]:
    resume(int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000)
else:
    defaults = [2000, 64, 50]
    given = [int(word) for word in sys.argv[1:4]]
    speed(*(given + defaults[len(given):]))
