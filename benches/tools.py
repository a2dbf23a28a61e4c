#!/usr/bin/env python3
"""Measures what amx itself costs for a call of a command tool, against a scripted model.

    benches/tools.py [CALLS]           default 150, one in each answer
    AMX=/path/to/amx benches/tools.py  another binary than target/release/amx

The same conversation is run with a command (`/bin/true`) and with the built-in tool `list_files` on
an empty folder, which starts no process. The difference for each call, less the time of fork, exec and wait, is the share
of amx: groups, limits, pipes, the end of the group.
"""
import http.server, json, os, statistics, subprocess, sys, tempfile, threading, time

CALLS = int(sys.argv[1]) if len(sys.argv) > 1 else 150
TARGET = os.environ.get("CARGO_TARGET_DIR", "target")
AMX = os.environ.get("AMX", os.path.join(TARGET, "release/amx"))
GOAL = 3.0


class Model(http.server.BaseHTTPRequestHandler):
    """Calls the first declared tool until it has CALLS results, then answers."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        done = sum(message["role"] == "tool" for message in body["messages"])
        if done < CALLS:
            name = body["tools"][0]["function"]["name"]
            # The same call with the same result would count as a loop.
            arguments = {"n": done} if name == "probe" else {"pattern": f"{done}.none"}
            call = {"id": f"call_{done}", "type": "function",
                    "function": {"name": name, "arguments": json.dumps(arguments)}}
            message = {"role": "assistant", "content": None, "tool_calls": [call]}
            reason = "tool_calls"
        else:
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


def answer_time(home, tool):
    """Wall time of an answer with all calls, in seconds."""
    environment = {"HOME": home, "PATH": os.environ["PATH"], "AMX_NO_KEYRING": "1"}
    command = [AMX, "chat", "--no-stream", "--max-steps", "200", "--tool", tool,
               "--root", os.path.join(home, "empty"), "hi"]
    start = time.perf_counter()
    done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True)
    elapsed = time.perf_counter() - start
    if done.stdout != "done\n":
        sys.exit(f"{done.stdout}{done.stderr}")
    return elapsed


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
""")
        pairs = [(answer_time(home, "probe"), answer_time(home, "list_files")) for _ in range(5)]
    command, built_in = (statistics.median(column) for column in zip(*pairs))
    spawned = spawn_time() * 1000
    call = (command - built_in) * 1000 / CALLS
    print(f"a call of a command, above a built-in tool   {call:6.2f} ms")
    print(f"fork, exec and wait of the program            {spawned:6.2f} ms")
    print(f"share of amx                                  {call - spawned:6.2f} ms, goal {GOAL} ms")


main()
