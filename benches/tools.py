#!/usr/bin/env python3
"""Measures what amx itself costs for a call of a command tool, against a scripted model.

    benches/tools.py [CALLS]           default 150, one in each answer
    AMX=/path/to/amx benches/tools.py  another binary than target/release/amx

The same conversation is run with a command (`/bin/true`) and with the built-in tool `list_files` on
an empty folder, which starts no process. The difference for each call, less the time of fork, exec
and wait, is the share of amx: groups, limits, pipes, the end of the group.

Then the memory of amx itself, at the last request of a loop of three calls: without tools, with the
built-in tool, with the command, and with the tool of an MCP server over stdio, which runs then.
"""
import http.server, json, os, statistics, subprocess, sys, tempfile, threading, time

CALLS = int(sys.argv[1]) if len(sys.argv) > 1 else 150
TARGET = os.environ.get("CARGO_TARGET_DIR", "target")
AMX = os.environ.get("AMX", os.path.join(TARGET, "release/amx"))
GOAL = 3.0
MEMORY_GOAL = 3.0
MEMORY_CALLS = 3
SERVER = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                      "../tests/support/mcp_server.py")


class Run:
    """The program that runs, and what is measured of it."""
    calls = CALLS
    process = None
    memory = None


ARGUMENTS = {
    "probe": lambda number: {"n": number},
    "list_files": lambda number: {"pattern": f"{number}.none"},
    "stub__echo": lambda number: {"text": str(number)},
}


def memory(pid):
    """Memory of a process in MiB, now and at its peak."""
    with open(f"/proc/{pid}/status") as status:
        fields = dict(line.split(":", 1) for line in status)
    return [int(fields[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM")]


class Model(http.server.BaseHTTPRequestHandler):
    """Calls the first declared tool until it has as many results as wanted, then answers."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        done = sum(message["role"] == "tool" for message in body["messages"])
        if "tools" in body and done < Run.calls:
            name = body["tools"][0]["function"]["name"]
            # The same call with the same result would count as a loop.
            arguments = ARGUMENTS[name](done)
            call = {"id": f"call_{done}", "type": "function",
                    "function": {"name": name, "arguments": json.dumps(arguments)}}
            message = {"role": "assistant", "content": None, "tool_calls": [call]}
            reason = "tool_calls"
        else:
            Run.memory = memory(Run.process.pid) if Run.process else None
            message, reason = {"role": "assistant", "content": "done"}, "stop"
        reply = json.dumps({
            "id": "x", "object": "chat.completion", "model": body["model"],
            "choices": [{"index": 0, "message": message, "finish_reason": reason}],
            "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
        }).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(reply)))
        self.end_headers()
        self.wfile.write(reply)

    def log_message(self, *arguments):
        pass


def spawn_time():
    """Median of fork, exec and wait of the program, in seconds."""
    times = []
    for _ in range(CALLS):
        start = time.perf_counter()
        process = os.posix_spawn("/bin/true", ["/bin/true"], {})
        os.waitpid(process, 0)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def run(home, tool):
    """Runs an answer with all calls of a tool; its wall time in seconds."""
    environment = {"HOME": home, "PATH": os.environ["PATH"], "AMX_NO_KEYRING": "1"}
    command = [AMX, "chat", "--no-stream", "--max-steps", "200", "hi"]
    if tool:
        command[2:2] = ["--tool", tool, "--root", os.path.join(home, "empty")]
    start = time.perf_counter()
    with subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        Run.process = process
        stdout, stderr = process.communicate()
    elapsed = time.perf_counter() - start
    if stdout != "done\n":
        sys.exit(f"{stdout}{stderr}")
    return elapsed


def memory_of(home, tool):
    """Medians of the memory in MiB, now and at its peak."""
    # The first run lists the tools of the server.
    runs = []
    for _ in range(6):
        run(home, tool)
        runs.append(Run.memory)
    return [statistics.median(column) for column in zip(*runs[1:])]


def report_memory(home):
    Run.calls = MEMORY_CALLS
    without, peak = memory_of(home, None)
    print(f"memory without tools                         {without:6.2f} MiB, peak {peak:.2f} MiB")
    for label, tool, goal in [("a built-in tool", "list_files", ""),
                              ("a command", "probe", ""),
                              ("a server over stdio", "stub__echo", f", goal {MEMORY_GOAL} MiB")]:
        now, most = memory_of(home, tool)
        print(f"more with {label:35}{now - without:6.2f} MiB, peak {most - peak:.2f} MiB{goal}")
    size = os.path.getsize(AMX) / 1e6
    print(f"size of the program                          {size:6.2f} MB")


def report_time(pairs):
    command, built_in = (statistics.median(column) for column in zip(*pairs))
    spawned = spawn_time() * 1000
    call = (command - built_in) * 1000 / CALLS
    print(f"a call of a command, above a built-in tool   {call:6.2f} ms")
    print(f"fork, exec and wait of the program            {spawned:6.2f} ms")
    print(f"share of amx                                  {call - spawned:6.2f} ms, goal {GOAL} ms")


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Model)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as home:
        folder = os.path.join(home, ".amx")
        os.mkdir(folder, 0o700)
        os.mkdir(os.path.join(home, "empty"))
        with open(os.path.join(folder, "config.yml"), "w") as file:
            os.chmod(file.name, 0o600)
            file.write(f"""\
llm_profiles:
  p: {{provider: local, base_url: "http://127.0.0.1:{server.server_port}/v1", model: m}}
tools:
  probe: {{command: [/bin/true], stdin: json, parameters: {{n: int}}, approve: allow, repeat: true}}
mcp_servers:
  stub: {{command: [{sys.executable}, {SERVER}], approve: allow}}
""")
        pairs = [(run(home, "probe"), run(home, "list_files")) for _ in range(5)]
        report_time(pairs)
        if os.path.exists("/proc/self/status"):
            report_memory(home)


main()
