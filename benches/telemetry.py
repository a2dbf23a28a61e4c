#!/usr/bin/env python3
"""Measures what telemetry adds to the wall time of a question, with each kind of collector.

    benches/telemetry.py [RUNS]            default 21 of each
    AMX=/path/to/amx benches/telemetry.py  another binary than target/release/amx

Each question with telemetry follows one without, so that a change of the machine's pace meets both.
Printed are the median and the worst of the differences, next to what docs/telemetry.md promises.
Above a promise it fails.
"""
import http.server, json, os, socket, statistics, subprocess, sys, tempfile, threading, time

RUNS = int(sys.argv[1]) if len(sys.argv) > 1 else 21
TARGET = os.environ.get("CARGO_TARGET_DIR", "target")
AMX = os.environ.get("AMX", os.path.join(TARGET, "release/amx"))

# Beyond the promise: two starts of the program differ by as much.
NOISE = 25.0


class Server(http.server.BaseHTTPRequestHandler):
    """The model and the collector."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        reply = {} if self.path in ("/v1/traces", "/v1/metrics") else {
            "id": "x", "object": "chat.completion", "model": body["model"],
            "choices": [{"index": 0, "message": {"role": "assistant", "content": "done"},
                         "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
        }
        data = json.dumps(reply).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *arguments):
        pass


def silent():
    """A port that accepts connections and never answers; held open by the returned socket."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(1000)
    return listener, listener.getsockname()[1]


def gone():
    """A port on which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def home_with(root, name, model, telemetry):
    home = os.path.join(root, name)
    folder = os.path.join(home, ".amx")
    os.makedirs(folder, 0o700)
    with open(os.path.join(folder, "config.yml"), "w") as file:
        os.chmod(file.name, 0o600)
        file.write(f'llm_profiles:\n  p: {{provider: local, base_url: "http://127.0.0.1:{model}/v1",'
                   f" model: m}}\n{telemetry}")
    return home


def answer_time(home):
    """Wall time of a question, in milliseconds."""
    environment = {"HOME": home, "PATH": os.environ["PATH"], "AMX_NO_KEYRING": "1"}
    start = time.perf_counter()
    done = subprocess.run([AMX, "chat", "--no-stream", "hi"], env=environment, text=True,
                          stdin=subprocess.DEVNULL, capture_output=True)
    elapsed = time.perf_counter() - start
    if done.returncode or done.stdout != "done\n":
        sys.exit(f"{done.stdout}{done.stderr}")
    return elapsed * 1000


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    listener, hangs = silent()
    works, nobody = server.server_port, gone()
    rows = [("exit", "works", works, 500.0), ("exit", "hangs", hangs, 500.0),
            ("exit", "is not there", nobody, 500.0), ("later", "works", works, 2.0),
            ("later", "hangs", hangs, 2.0), ("later", "is not there", nobody, 2.0)]
    with tempfile.TemporaryDirectory() as root:
        off = home_with(root, "off", works, "")
        homes = []
        for flush, state, port, _ in rows:
            telemetry = (f'telemetry:\n  otlp: {{endpoint: "http://127.0.0.1:{port}"}}\n'
                         f"  flush: {flush}\n")
            homes.append(home_with(root, f"{flush} {state}", works, telemetry))
        for home in [off, *homes]:
            answer_time(home)
        added = [[] for _ in rows]
        plain = []
        for _ in range(RUNS):
            for more, home in zip(added, homes):
                plain.append(answer_time(off))
                more.append(answer_time(home) - plain[-1])
    listener.close()
    print(f"a question without telemetry  {statistics.median(plain):7.1f} ms")
    print("flush  collector      median ms  worst ms  promise")
    is_kept = True
    for (flush, state, _, promise), more in zip(rows, added):
        median, worst = statistics.median(more), max(more)
        # The bound of the wait is for every run; the other one is less than the noise of a run.
        held = worst <= promise + NOISE if flush == "exit" else median <= promise
        is_kept = is_kept and held
        print(f"{flush:6} {state:14} {median:9.1f} {worst:9.1f}  <= {promise:.0f} ms"
              f"{'' if held else '  BROKEN'}")
    sys.exit(0 if is_kept else 1)


main()
