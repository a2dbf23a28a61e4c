#!/usr/bin/env python3
"""Measures the list to pick from: the time from a key to the end of its frame.

Usage: benches/picker.py PROGRAM [ROWS]

Serves a catalogue of ROWS models (1500) on the loopback address, opens `amx models pick` on a
pseudo terminal, types, and reads until the frame is complete. Then the same for
`amx chat --resume` with ROWS conversations in the store.
"""

import contextlib
import fcntl
import http.server
import json
import os
import pty
import select
import sqlite3
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time

FRAME_END = b"\x1b[?7h"
KEYS = [*"model 12", "\x7f", "\x7f", "\x7f", "\x1b[B", "\x1b[6~", "\x1b[F", "\x15", *"str"]
ROUNDS = 5


def catalogue(rows):
    def model(n):
        return {
            "id": f"author-{n % 60}/model-name-{n}-instruct",
            "name": f"Author {n % 60}: Model Name {n} Instruct",
            "description": "A model for long conversations and code, described in a sentence of "
            "the usual length. " * 3,
            "context_length": 128000,
            "pricing": {"prompt": "0.000001", "completion": "0.000004"},
            "supported_parameters": ["tools", "temperature"],
        }

    return json.dumps({"data": [model(n) for n in range(rows)]}).encode()


def serve(body):
    class Handler(http.server.BaseHTTPRequestHandler):
        def log_message(self, *_):
            pass

        def do_GET(self):
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


def fill_store(program, environment, rows):
    """One conversation with the demo provider, copied."""
    command = [program, "chat", "-p", "demo", "--session", "first", "What is a borrow checker?"]
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
    subprocess.run(command, env=environment, check=True, **quiet)
    path = os.path.join(environment["HOME"], ".amx", "amx.db")
    with contextlib.closing(sqlite3.connect(path)) as store:
        tables = {}
        for table in ("sessions", "turns", "contents"):
            cursor = store.execute(f"SELECT * FROM {table} LIMIT 1")
            tables[table] = ([column[0] for column in cursor.description], cursor.fetchone())
        for number in range(2, rows + 1):
            question = f"Question {number} about strings and streams"
            changed = {
                "sessions": {"id": number, "name": None, "head": None, "title": question},
                "turns": {"id": number, "session": number},
                "contents": {"turn": number, "question": f"{question}?"},
            }
            for table, (columns, row) in tables.items():
                values = {**dict(zip(columns, row)), **changed[table]}
                names, marks = ", ".join(columns), ", ".join("?" * len(columns))
                row = [values[name] for name in columns]
                store.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", row)
            store.execute("UPDATE sessions SET head = ? WHERE id = ?", (number, number))
        store.commit()


def frame(terminal):
    """Reads until a frame has ended and nothing follows."""
    seen = b""
    while True:
        ready, _, _ = select.select([terminal], [], [], 0.05 if FRAME_END in seen else 20)
        if not ready:
            if FRAME_END not in seen:
                sys.exit(f"no frame: {seen!r}")
            return
        seen += os.read(terminal, 65536)
        if seen.endswith(FRAME_END):
            return


def measure(name, program, arguments, environment):
    opened, keys = [], []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        process, terminal = pty.fork()
        if process == 0:
            os.execve(program, [program, *arguments], environment)
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        frame(terminal)
        opened.append(time.perf_counter() - start)
        # The size may have come after the first frame.
        time.sleep(0.2)
        while select.select([terminal], [], [], 0)[0]:
            os.read(terminal, 65536)
        for key in KEYS:
            start = time.perf_counter()
            os.write(terminal, key.encode())
            frame(terminal)
            keys.append(time.perf_counter() - start)
        os.write(terminal, b"\x03")
        with contextlib.suppress(OSError):
            while os.read(terminal, 65536):
                pass
        os.waitpid(process, 0)
        os.close(terminal)
    ms = [1000 * value for value in keys]
    open_ms = 1000 * statistics.median(opened)
    key_ms = statistics.median(ms)
    print(f"{name}: open {open_ms:.0f} ms, a key {key_ms:.1f} ms, at most {max(ms):.1f} ms")


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    program = os.path.abspath(sys.argv[1])
    rows = int(sys.argv[2]) if len(sys.argv) > 2 else 1500
    with tempfile.TemporaryDirectory() as home:
        os.mkdir(os.path.join(home, ".amx"), 0o700)
        port = serve(catalogue(rows))
        environment = {
            "HOME": home,
            "PATH": os.environ["PATH"],
            "TERM": "xterm-256color",
            "OPENROUTER_BASE_URL": f"http://127.0.0.1:{port}/api/v1",
            "OPENROUTER_API_KEY": "sk-or-v1-" + "0" * 64,
        }
        sync = [program, "models", "sync"]
        subprocess.run(sync, env=environment, check=True, stdout=subprocess.DEVNULL)
        fill_store(program, environment, rows)
        measure(f"{rows} models", program, ["models", "pick"], environment)
        measure(f"{rows} conversations", program, ["chat", "--resume"], environment)


main()
