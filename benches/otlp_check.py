#!/usr/bin/env python3
"""Loads what amx sends with the messages of OpenTelemetry's own package opentelemetry-proto.

    python3 -m venv venv && venv/bin/pip install opentelemetry-proto
    venv/bin/python benches/otlp_check.py

AMX names the program; the default is target/release/amx. IDs are hexadecimal in OTLP/JSON and
base64 in the JSON of protobuf, so they are converted first; nothing else is changed.
"""

import base64
import collections
import datetime
import http.server
import importlib.metadata
import json
import os
import pathlib
import subprocess
import tempfile
import threading

from google.protobuf import json_format
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = os.environ.get("CARGO_TARGET_DIR", str(ROOT / "target"))
AMX = os.environ.get("AMX", f"{TARGET}/release/amx")
MESSAGES = {
    "/v1/traces": trace_service_pb2.ExportTraceServiceRequest,
    "/v1/metrics": metrics_service_pb2.ExportMetricsServiceRequest,
}
IDS = ("traceId", "spanId", "parentSpanId")
RECEIVED = []


class Collector(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        length = int(self.headers["content-length"])
        RECEIVED.append((self.path, self.rfile.read(length)))
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_):
        pass


def with_base64(value):
    if isinstance(value, list):
        return [with_base64(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        name: base64.b64encode(bytes.fromhex(inner)).decode() if name in IDS else with_base64(inner)
        for name, inner in value.items()
    }


def run(home, endpoint, *words, telemetry="otlp"):
    environment = {
        "HOME": home,
        "PATH": os.environ["PATH"],
        "AMX_NO_KEYRING": "1",
        "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint,
    }
    if telemetry:
        environment["AMX_TELEMETRY"] = telemetry
    subprocess.run([AMX, *words], env=environment, check=True, capture_output=True, timeout=60)


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Collector)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    endpoint = f"http://127.0.0.1:{server.server_port}"
    with tempfile.TemporaryDirectory() as home:
        os.mkdir(f"{home}/.amx", 0o700)
        rows = pathlib.Path(home, "rows.csv")
        rows.write_text("id,text\n" + "".join(f"r{row},text {row}\n" for row in range(20)))
        run(home, endpoint, "chat", "-p", "demo", "--no-save", "hello")
        run(home, endpoint, "chat", "-p", "demo", "--alternatives=2", "hello")
        run(home, endpoint, "batch", "-p", "demo", str(rows), "{{text}}", "-o", f"{home}/out.jsonl")
        run(home, endpoint, "usage", "export", "--otlp", "--since", "all")
    spans, points = collections.Counter(), collections.Counter()
    links = 0
    for path, body in RECEIVED:
        message = json_format.ParseDict(with_base64(json.loads(body)), MESSAGES[path]())
        # The binary form of it is what a collector stores.
        again = MESSAGES[path].FromString(message.SerializeToString())
        assert again == message
        for resource in getattr(message, "resource_spans", ()):
            for span in resource.scope_spans[0].spans:
                assert len(span.trace_id) == 16 and len(span.span_id) == 8
                assert len(span.parent_span_id) in (0, 8)
                assert 0 < span.start_time_unix_nano <= span.end_time_unix_nano
                spans[span.name] += 1
                links += len(span.links)
        for resource in getattr(message, "resource_metrics", ()):
            for metric in resource.scope_metrics[0].metrics:
                for point in metric.histogram.data_points:
                    assert sum(point.bucket_counts) == point.count
                    assert len(point.bucket_counts) == len(point.explicit_bounds) + 1
                    points[metric.name] += point.count
    version = importlib.metadata.version("opentelemetry-proto")
    print(f"{datetime.date.today()}  opentelemetry-proto {version}")
    print(f"{len(RECEIVED)} requests, {sum(spans.values())} spans, {links} links")
    for name, count in sorted(spans.items()) + sorted(points.items()):
        print(f"  {count:4}  {name}")


main()
