#!/usr/bin/env python3
"""Soak of amx serve: two servers that share limits in Redis, mixed requests with faults.

    benches/serve_soak.py [REQUESTS]     default 100000, about 5 minutes; 3000 for a short one

In the middle one server is killed and started again, then Redis is stopped and started again. At
the end the ledger of the other is compared with the bill of the provider, to the last digit, and
its memory, files and threads with those after a tenth of the requests. Then 500 clients that send
nothing and 500 that send a byte a second must be gone after 12 s, while another is answered.

Needs redis-server. AMX and BENCH name the programs, as for benches/serve.py.
"""

import json
import os
import pathlib
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import time

import serve

REQUESTS = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
CONNECTIONS = 32
SLICES = 10
KILLED, RESTARTED, REDIS_STOPPED, REDIS_STARTED = 3, 4, 6, 7


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def redis(port):
    process = subprocess.Popen(
        ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", ""],
        stdout=subprocess.DEVNULL,
    )
    for _ in range(200):
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return process
        time.sleep(0.05)
    raise SystemExit("redis-server does not listen")


def held(pid):
    """Open files and threads."""
    count = lambda what: len(list(pathlib.Path(f"/proc/{pid}/{what}").iterdir()))
    return count("fd"), count("task")


def ledger(amx):
    total = json.loads(amx.run("usage", "--since", "1d", "--by", "key", "--json"))["total"]
    return total


def micro(usd):
    value = (usd or 0) * 1e6
    assert abs(value - round(value)) < 1e-2, usd
    return round(value)


def slow_clients(amx):
    host = amx.url.removeprefix("http://").removesuffix("/v1")
    address, port = host.split(":")
    open_one = lambda: socket.create_connection((address, int(port)))
    start = time.monotonic()
    silent, slow = [open_one() for _ in range(500)], [open_one() for _ in range(500)]
    times = []
    for byte in b"POST /v1/ch":
        for client in slow:
            try:
                client.send(bytes([byte]))
            except OSError:
                pass
        for _ in range(10):
            times.append(serve.load(amx.key, 1, 1, "whole", amx.url)["p99_us"])
        time.sleep(max(0, 1 - (time.monotonic() - start) % 1))
    for client in silent + slow:
        client.settimeout(max(0.1, 14 - (time.monotonic() - start)))
        try:
            while client.recv(4096):
                pass
        except TimeoutError:
            raise SystemExit("a slow client is still connected")
        except OSError:
            pass
    gone = time.monotonic() - start
    times.sort()
    print(f"slow clients: 1000 gone after {gone:.1f} s; another was answered in "
          f"{statistics.median(times) / 1000:.1f} ms, at most {times[-1] / 1000:.1f} ms")
    assert gone < 12.5, gone


def main():
    provider, port = serve.provider()
    redis_port = free_port()
    state = redis(redis_port)
    shared = ["--state", f"redis://127.0.0.1:{redis_port}", "--max-connections", "4096"]
    first = serve.Amx(port, *shared, limits=["--concurrent", "1000"])
    second = serve.Amx(port, *shared, limits=["--concurrent", "1000"], keys_from=first)
    statuses, at_a_tenth = {}, None
    for number in range(SLICES):
        if number == REDIS_STOPPED:
            state.terminate()
            state.wait()
        if number == REDIS_STARTED:
            state = redis(redis_port)
        if number == RESTARTED:
            second.start()
        urls = [first.url, second.url]
        load = subprocess.Popen(
            [serve.BENCH, "load", first.key, str(CONNECTIONS), str(REQUESTS // SLICES), "mix",
             *urls],
            stdout=subprocess.PIPE, text=True,
        )
        if number == KILLED:
            time.sleep(0.5)
            second.process.send_signal(signal.SIGKILL)
            second.process.wait()
        result = json.loads(load.communicate()[0])
        for status, count in result["statuses"].items():
            statuses[status] = statuses.get(status, 0) + count
        pid = first.process.pid
        print(f"{number + 1}/{SLICES}: {serve.rate(result):.0f} a second, "
              f"{serve.memory(pid):.1f} MiB, files and threads {held(pid)}", flush=True)
        if number == 0:
            time.sleep(1)
            at_a_tenth = serve.memory(pid), held(pid)
    time.sleep(1)
    memory, (files, threads) = serve.memory(first.process.pid), held(first.process.pid)
    slow_clients(first)
    second.stop()
    first.stop()
    state.terminate()
    bills = json.loads(provider.communicate("")[0].splitlines()[-1])
    print(f"statuses: {statuses}")
    lost = {}
    for name, amx in (("first", first), ("second", second)):
        bill, own = bills[f"Bearer {amx.provider_key}"], ledger(amx)
        lost[name] = bill["micro_usd"] - micro(own["cost_usd"])
        print(f"{name}: billed {bill['micro_usd']} micro-USD for {bill['billed']} answers; ledger "
              f"{micro(own['cost_usd'])}, {own['requests']} requests, {own['unknown']} unknown")
    print(f"memory: {at_a_tenth[0]:.1f} MiB after a tenth, {memory:.1f} MiB at the end")
    assert lost["first"] == 0, lost
    # What a server that is killed had not written yet: the last 50 ms.
    assert 0 <= lost["second"], lost
    assert (files, threads) <= at_a_tenth[1] or files <= at_a_tenth[1][0] + CONNECTIONS, files
    if REQUESTS >= 50_000:
        assert memory <= at_a_tenth[0] * 1.05 + 1, (at_a_tenth, memory)
    for amx in (first, second):
        shutil.rmtree(amx.folder)
    print("ok")


if __name__ == "__main__":
    main()
