#!/usr/bin/env python3
"""Speed of amx batch beside a plain asyncio client, against a server on this machine.

    benches/batch.py [ROWS] [AT_ONCE] [MILLISECONDS]     default 2000 rows, 64 at once, 50 ms each
    benches/batch.py resume [ROWS]       memory of a job, and a second run with nothing left to ask
    benches/batch.py limit [SECONDS]     a server that accepts 20 requests a second, and 5 later

AMX names the program; the default is target/release/amx.
"""

import asyncio
import collections
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


REFUSAL = b"HTTP/1.1 429 Too Many Requests\r\nretry-after: 1\r\ncontent-length: 2\r\n\r\n{}"


class Limit:
    """20 requests are accepted in any second, and 5 after so many seconds."""

    def __init__(self, falls_after):
        self.falls_after, self.start, self.taken = falls_after, None, collections.deque()
        self.counts = collections.defaultdict(lambda: [0, 0])

    def accepts(self):
        now = time.monotonic()
        self.start = self.start or now
        while self.taken and now - self.taken[0] >= 1:
            self.taken.popleft()
        accepts = len(self.taken) < (20 if now - self.start < self.falls_after else 5)
        if accepts:
            self.taken.append(now)
        self.counts[int(now - self.start)][not accepts] += 1
        return accepts


class Answers(asyncio.Protocol):
    """One connection: the whole of a request, and its answer so many seconds later."""

    def __init__(self, delay, limit):
        self.delay, self.limit, self.received = delay, limit, b""

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.received += data
        head, end, body = self.received.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
        if end and len(body) >= (int(length[1]) if length else 0):
            self.received = b""
            reply = REPLY if self.limit is None or self.limit.accepts() else REFUSAL
            asyncio.get_running_loop().call_later(self.delay, self.transport.write, reply)


def serve(pipe, delay, limit):
    """Sends its port, and at the end what it accepted and refused in each second."""
    async def run():
        loop = asyncio.get_running_loop()
        answers = lambda: Answers(delay, limit)
        server = await loop.create_server(answers, "127.0.0.1", 0, backlog=2048)
        pipe.send(server.sockets[0].getsockname()[1])
        await loop.run_in_executor(None, pipe.recv)
        pipe.send(dict(limit.counts) if limit else {})
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


def start_amx(folder, port, at_once):
    environment = {
        "HOME": str(folder),
        "PATH": os.environ["PATH"],
        "OPENROUTER_BASE_URL": f"http://127.0.0.1:{port}/api/v1",
        "OPENROUTER_API_KEY": KEY,
        "AMX_NO_KEYRING": "1",
    }
    command = [AMX, "batch", "rows.jsonl", "{{text}}", "-o", "out.jsonl", "-m", "m/m"]
    command += ["--concurrency", str(at_once)]
    return subprocess.Popen(command, cwd=folder, env=environment, stderr=subprocess.DEVNULL)


def run_amx(folder, port, at_once, watch=lambda job: None):
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    job = start_amx(folder, port, at_once)
    watch(job)
    if job.wait() != 0:
        sys.exit(f"amx batch ended with {job.returncode}")
    wall, after = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, cpu, after.ru_maxrss / 1024


def write_rows(folder, rows):
    with open(folder / "rows.jsonl", "w") as file:
        for row in range(rows):
            file.write(json.dumps({"id": f"r{row}", "text": f"text {row}"}) + "\n")


def started(delay, limit=None):
    mine, theirs = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(theirs, delay, limit), daemon=True)
    server.start()
    return mine.recv(), mine


def speed(rows, at_once, milliseconds):
    port, _ = started(milliseconds / 1000)
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


def memory_at(folder, rows, shares, found):
    """Notes the memory of a job when so many of its rows are sent, which are 36 bytes each."""
    side = folder / "out.jsonl.amx"

    def watch(job):
        for share in shares:
            while job.poll() is None:
                if side.exists() and side.stat().st_size >= share * rows * 36:
                    status = pathlib.Path(f"/proc/{job.pid}/status").read_text()
                    found.append(int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024)
                    break
                time.sleep(0.05)
    return watch


def resume(rows):
    # With 50 ms each all 256 requests are in flight from the start: a connection takes memory.
    port, _ = started(0.05)
    found = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        write_rows(folder, rows)
        shares = [0.01, 0.1, 0.5, 0.98]
        first = run_amx(folder, port, 256, memory_at(folder, rows, shares, found))
        again = run_amx(folder, port, 256)
    memory = ", ".join(f"{100 * share:.0f} %: {mib:.0f} MiB" for share, mib in zip(shares, found))
    print(f"{rows} rows: first run {first[0]:.1f} s, {first[2]:.0f} MiB at most; {memory}")
    print(f"  second run, nothing to ask: {again[0]:.2f} s, CPU {again[1]:.2f} s")


def limited(seconds):
    falls_after = seconds * 2 // 3
    port, server = started(0.05, Limit(falls_after))
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        write_rows(folder, 100_000)
        job = start_amx(folder, port, 64)
        time.sleep(seconds)
        job.kill()
        job.wait()
    server.send(None)
    counts = server.recv()
    accepted = lambda seconds: sum(counts.get(second, (0, 0))[0] for second in seconds)
    refused = lambda seconds: sum(counts.get(second, (0, 0))[1] for second in seconds)
    first, after = range(falls_after), range(10, falls_after)
    sent = accepted(first) + refused(first)
    print(f"20 a second for {falls_after} s: {accepted(after) / len(after):.1f} a second after 10 s")
    print(f"  {refused(first)} of {sent} refused, {100 * refused(first) / sent:.1f} %")
    fallen = range(falls_after + 2, seconds - 1)
    print(f"5 a second then: {accepted(fallen) / len(fallen):.1f} after 2 s, ", end="")
    print(f"{refused(range(falls_after, seconds))} refused")


if sys.argv[1:2] == ["resume"]:
    resume(int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000)
elif sys.argv[1:2] == ["limit"]:
    limited(int(sys.argv[2]) if len(sys.argv) > 2 else 90)
else:
    defaults = [2000, 64, 50]
    given = [int(word) for word in sys.argv[1:4]]
    speed(*(given + defaults[len(given):]))
