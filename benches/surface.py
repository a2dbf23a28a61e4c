#!/usr/bin/env python3
"""Measures the footer of the conversation on a pseudo terminal, against a scripted model.

    benches/surface.py [TOKENS]           default 20000
    AMX=/path/to/amx benches/surface.py   another binary than target/release/amx

Reports CPU time for each token with and without the footer, the time from a token on the wire to
the screen, and the time from a key to its echo while 200 tokens a second stream. With `pyte`
installed the byte stream is also played on its terminal, and the transcript is compared.
"""
import fcntl, http.server, json, os, pty, re, select
import struct, sys, tempfile, termios, threading, time

TOKENS = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
TARGET = os.environ.get("CARGO_TARGET_DIR", "target")
AMX = os.environ.get("AMX", os.path.join(TARGET, "release/amx"))
SENT = {}


def words(count):
    """Tokens of prose: a line of its own for every twelfth, a paragraph for every fiftieth."""
    for n in range(count):
        end = "\n\n" if n % 50 == 49 else "\n" if n % 12 == 11 else " "
        yield f"w{n}{end}"


class Model(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.send_response(404)
        self.send_header("content-length", "0")
        self.end_headers()

    def do_POST(self):
        length = int(self.headers.get("content-length", 0))
        question = json.loads(self.rfile.read(length))["messages"][-1]["content"]
        text = question if isinstance(question, str) else question[0]["text"]
        rate, count = (int(part) for part in text.split()[:2])
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        start = time.perf_counter()
        for n, word in enumerate(words(count)):
            if rate:
                time.sleep(max(0, start + n / rate - time.perf_counter()))
            chunk = {"model": "bench/model", "choices": [{"delta": {"content": word}}]}
            SENT[n] = time.perf_counter()
            self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
            if rate:
                self.wfile.flush()
        self.wfile.write(b'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\n')
        self.wfile.write(b"data: [DONE]\n\n")
        self.close_connection = True

    def log_message(self, *_):
        pass


class Terminal:
    def __init__(self, port, home, footer):
        environment = {
            "HOME": home, "PATH": os.environ["PATH"], "TERM": "xterm-256color", "LANG": "C.UTF-8",
            "AMX_NO_KEYRING": "1", "AMX_MODEL": "bench/model",
            "OPENROUTER_API_KEY": "sk-or-bench-0123456789",
            "OPENROUTER_BASE_URL": f"http://127.0.0.1:{port}",
        }
        if not footer:
            environment["AMX_NO_FOOTER"] = "1"
        self.child, self.master = pty.fork()
        if self.child == 0:
            os.execve(AMX, [AMX, "chat", "--no-save"], environment)
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.raw, self.asked = b"", 0

    def read(self, timeout):
        if not select.select([self.master], [], [], timeout)[0]:
            return b""
        try:
            data = os.read(self.master, 65536)
        except OSError:
            return b""
        self.raw += data
        for question, answer in ((b"\x1b[6n", b"\x1b[1;1R"), (b"\x1b[c", b"\x1b[?62c")):
            for _ in range(data.count(question)):
                os.write(self.master, answer)
        return data

    def wait_for(self, what, since=0, timeout=60):
        end = time.time() + timeout
        while what not in self.raw[since:]:
            assert time.time() < end, (what, self.raw[-2000:])
            self.read(0.5)
        return time.perf_counter()

    def ask(self, text):
        since = len(self.raw)
        os.write(self.master, text.encode() + b"\r")
        return since

    def leave(self):
        os.write(self.master, b"\x04")
        while self.read(0.3):
            pass
        _, status, usage = os.wait4(self.child, 0)
        assert status == 0, status
        return usage.ru_utime + usage.ru_stime


def quartiles(values):
    values = sorted(values)
    at = lambda share: values[min(len(values) - 1, int(share * len(values)))]
    return f"median {at(0.5):.2f} ms, 95 % {at(0.95):.2f} ms, most {values[-1]:.2f} ms"


def cpu(port, home, footer):
    """Microseconds a token, without what a short answer costs."""
    def total(count):
        terminal = Terminal(port, home, footer)
        terminal.wait_for("›".encode())
        time.sleep(0.3)
        since = terminal.ask(f"0 {count}")
        terminal.wait_for(f"w{count - 1}".encode(), since)
        time.sleep(0.5)
        return terminal.leave()
    small = sorted(total(10) for _ in range(3))[1]
    return (sorted(total(TOKENS) for _ in range(3))[1] - small) / TOKENS * 1e6


def latencies(port, home):
    terminal = Terminal(port, home, True)
    terminal.wait_for("›".encode())
    time.sleep(0.3)
    since = terminal.ask("200 600")
    # A word is shown when the next token shows that it is complete.
    shown = terminal.wait_for(b"w0", since)
    first = (shown - SENT[1]) * 1e3
    echoes = []
    for n in range(20, 580, 8):
        since = len(terminal.raw)
        key = chr(ord("a") + (n // 8) % 26)
        pressed = time.perf_counter()
        os.write(terminal.master, key.encode())
        echoes.append((terminal.wait_for(key.encode() + b"\x1b[7m", since) - pressed) * 1e3)
        while time.perf_counter() < pressed + 0.037:
            terminal.read(0.002)
    terminal.wait_for(b"w599")
    time.sleep(0.3)
    os.write(terminal.master, b"\x03")
    time.sleep(0.2)
    terminal.leave()
    return first, echoes, terminal.raw


def replay(raw):
    try:
        import pyte
    except ImportError:
        return "pyte is not installed"
    screen = pyte.HistoryScreen(80, 24, history=100_000)
    pyte.ByteStream(screen).feed(raw)
    row = lambda cells: "".join(cells[column].data for column in range(80)).rstrip()
    rows = [row(line) for line in screen.history.top]
    text = "\n".join(rows + [line.rstrip() for line in screen.display])
    seen = [int(n) for n in re.findall(r"\bw(\d+)\b", text)]
    whole = seen == list(range(600))
    return "transcript whole, once" if whole else f"transcript differs: {seen[:20]}"


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Model)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port = server.server_address[1]
    with tempfile.TemporaryDirectory() as home:
        for footer in (False, True):
            name = "with" if footer else "without"
            print(f"CPU a token {name} footer: {cpu(port, home, footer):.1f} µs", flush=True)
        first, echoes, raw = latencies(port, home)
        print(f"first word on the screen: {first:.2f} ms after the token that completes it")
        print(f"a key echoed at 200 tokens a second: {quartiles(echoes)}")
        print(f"pyte: {replay(raw)}")


main()
