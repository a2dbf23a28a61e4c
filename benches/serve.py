#!/usr/bin/env python3
"""Speed, CPU and memory of amx serve, beside the provider asked directly and beside nginx.

    benches/serve.py [ROUNDS] [REQUESTS]       default 5 rounds of 20000 requests

Prints medians of interleaved rounds. AMX and BENCH name the programs; the defaults are
target/release/amx and what `cargo bench --no-run --bench serve` builds. nginx is measured where it
is installed.
"""

import json
import os
import pathlib
import secrets
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = os.environ.get("CARGO_TARGET_DIR", str(ROOT / "target"))
AMX = os.environ.get("AMX", f"{TARGET}/release/amx")
TICK = os.sysconf("SC_CLK_TCK")

NGINX = """
worker_processes 2; pid %(dir)s/nginx.pid; error_log %(dir)s/error.log; daemon off;
events { worker_connections 4096; }
http {
  access_log off; client_body_temp_path %(dir)s; proxy_temp_path %(dir)s;
  upstream provider { server 127.0.0.1:%(provider)s; keepalive 256; keepalive_requests 1000000; }
  server {
    listen 127.0.0.1:%(port)s; keepalive_requests 1000000;
    location / {
      proxy_pass http://provider; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_buffering off;
    }
  }
}
"""


def bench_program():
    if "BENCH" in os.environ:
        return os.environ["BENCH"]
    built = subprocess.run(
        ["cargo", "bench", "--no-run", "--locked", "--bench", "serve", "--message-format", "json"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )
    messages = [json.loads(line) for line in built.stdout.splitlines()]
    # The program itself is built beside the bench.
    built = (m for m in messages if m.get("target", {}).get("kind") == ["bench"])
    return next(m["executable"] for m in built if m.get("executable"))


BENCH = bench_program()


class Amx:
    """amx serve in a folder of its own, with one client key and a key of the provider."""

    def __init__(self, provider_port, *arguments, limits=(), keys_from=None):
        self.folder = tempfile.mkdtemp(prefix="amx-serve.")
        self.arguments = arguments
        config = pathlib.Path(self.folder) / "config.yml"
        config.write_text(
            "llm_profiles:\n  work:\n    provider: openrouter\n    model: a/b\n"
            f"    base_url: http://127.0.0.1:{provider_port}/api/v1\n"
        )
        config.chmod(0o600)
        self.provider_key = "sk-or-v1-" + secrets.token_hex(32)
        self.environment = {
            "PATH": os.environ["PATH"],
            "AMX_CONFIG_DIR": self.folder,
            "AMX_NO_KEYRING": "1",
            "OPENROUTER_API_KEY": self.provider_key,
        }
        if keys_from:
            self.key = keys_from.key
            shutil.copy(f"{keys_from.folder}/serve-keys.json", self.folder)
        else:
            self.key = self.run("serve", "keys", "add", "bench", *limits).strip()
        self.start()

    def start(self):
        start = time.monotonic()
        self.process = subprocess.Popen(
            [AMX, "serve", "--listen", "127.0.0.1:0", *self.arguments],
            env=self.environment, stdout=subprocess.PIPE, text=True,
        )
        line = self.process.stdout.readline()
        self.ready_ms = (time.monotonic() - start) * 1000
        self.url = line.split()[-1]

    def run(self, *arguments):
        return subprocess.run(
            [AMX, *arguments], env=self.environment, check=True, capture_output=True, text=True
        ).stdout

    def stop(self):
        self.process.terminate()
        self.process.wait(30)
        assert self.process.returncode == 0, self.process.returncode


def load(key, connections, requests, kind, *urls):
    done = subprocess.run(
        [BENCH, "load", key, str(connections), str(requests), kind, *urls],
        check=True, capture_output=True, text=True,
    )
    return json.loads(done.stdout)


def rate(result):
    """Requests a second."""
    return result["requests"] / result["seconds"]


def cpu(pids):
    """Seconds of CPU that processes have used."""
    total = 0
    for pid in pids:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICK


def memory(pid):
    """Resident memory in MiB."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def children(pid):
    return [int(c) for c in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def provider():
    process = subprocess.Popen(
        [BENCH, "provider"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    return process, int(process.stdout.readline())


def nginx(provider_port, folder):
    if not shutil.which("nginx"):
        return None, None
    port = provider_port + 1 if provider_port < 65000 else provider_port - 1
    path = pathlib.Path(folder) / "nginx.conf"
    path.write_text(NGINX % {"dir": folder, "provider": provider_port, "port": port})
    process = subprocess.Popen(["nginx", "-c", str(path), "-e", f"{folder}/error.log"])
    for _ in range(100):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=1)
        except urllib.error.HTTPError:
            break
        except OSError:
            time.sleep(0.05)
    return process, f"http://127.0.0.1:{port}/api/v1"


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    requests = int(sys.argv[2]) if len(sys.argv) > 2 else 20000
    upstream, port = provider()
    amx = Amx(port)
    proxy, proxy_url = nginx(port, amx.folder)
    ways = {"direct": ("x", f"http://127.0.0.1:{port}/api/v1", [])}
    if proxy:
        ways["nginx"] = ("x", proxy_url, children(proxy.pid))
    ways["amx"] = (amx.key, amx.url, [amx.process.pid])
    # Kind, connections, share of the requests.
    loads = {
        "whole, 64 at once": ("whole", 64, 1),
        "whole, 1 at once": ("whole", 1, 5),
        "stream, 1 at once": ("stream", 1, 10),
        "stream, 64 at once": ("stream", 64, 5),
    }
    time.sleep(1)
    idle = memory(amx.process.pid)
    results = {}
    for _ in range(rounds):
        for name, (kind, connections, part) in loads.items():
            for way, (key, url, pids) in ways.items():
                before = cpu(pids)
                count = requests // part
                result = load(key, connections, count, kind, url)
                assert set(result["statuses"]) == {"200"}, result["statuses"]
                result["cpu_us"] = (cpu(pids) - before) / count * 1e6
                results.setdefault((name, way), []).append(result)
    many = load(amx.key, 256, requests, "whole", amx.url)
    after = memory(amx.process.pid)
    ready = [amx.ready_ms]
    for _ in range(rounds):
        other = Amx(port)
        ready.append(other.ready_ms)
        other.stop()
    print(f"{'':22}{'way':8}{'per second':>11}{'of direct':>10}{'p50 us':>8}{'p99 us':>8}"
          f"{'first us':>9}{'CPU us':>8}")
    for name in loads:
        direct = statistics.median(rate(r) for r in results[(name, "direct")])
        for way in ways:
            row = results[(name, way)]
            median = lambda field: statistics.median(r[field] for r in row)
            speed = statistics.median(rate(r) for r in row)
            print(f"{name:22}{way:8}{speed:11.0f}{speed / direct:9.0%} {median('p50_us'):8.0f}"
                  f"{median('p99_us'):8.0f}{median('first_p50_us'):9.0f}{median('cpu_us'):8.0f}")
    print(f"256 at once: {rate(many):.0f} a second, {many['statuses']}")
    print(f"memory: {idle:.1f} MiB idle, {after:.1f} MiB after all of it")
    print(f"ready: {statistics.median(ready):.0f} ms")
    amx.stop()
    if proxy:
        proxy.terminate()
        proxy.wait()
    upstream.communicate("")
    shutil.rmtree(amx.folder)


if __name__ == "__main__":
    main()
