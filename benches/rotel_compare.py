"""CPU seconds per gigabyte of the whole collector, beside a collector that passes everything through.

OTLP logs of about 400 bytes a record over gRPC without compression: the same prepared requests from the same sender,
through each collector in turn, to the same sink. Compared is what /proc says each process used. `make compare` installs
what this needs (grpcio, opentelemetry-proto, and rotel, a collector in Rust) into target/compare.

The wheels of rotel (0.0.1a8 to a15 were tried) compress what they send whatever `--otlp-exporter-compression` says: a
profile shows two thirds of their time in deflate. So there are two comparisons, each of like with like or to our
disadvantage: both compress what they send; and ours does not compress, against one that decodes and batches what it
receives and sends nothing at all.
"""

import argparse
import os
import random
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent import futures
from pathlib import Path

import grpc
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2 as logs_service
from opentelemetry.proto.common.v1 import common_pb2 as common
from opentelemetry.proto.logs.v1 import logs_pb2 as logs

METHOD = "/opentelemetry.proto.collector.logs.v1.LogsService/Export"
WORDS = "batch worker order cache index shard commit replica stream upload retry window flush lease merge scan".split()
ATTRIBUTES = ("http.route", "thread.name", "code.function.name", "k8s.pod.name", "component")


def free_port():
    with socket.socket() as it:
        it.bind(("127.0.0.1", 0))
        return it.getsockname()[1]


def text(value):
    return common.AnyValue(string_value=value)


def record(rng, now):
    """A clean record of about 400 bytes; one in fifty holds a number that has to go."""
    body = " ".join(rng.choice(WORDS) for _ in range(18)) + f" took {rng.randrange(9999)} ms id={rng.getrandbits(64):016x}"
    if rng.randrange(50) == 0:
        body += f" ssn {rng.randrange(100, 666)}-{rng.randrange(10, 99)}-{rng.randrange(1000, 9999)}"
    values = [f"/v1/{rng.choice(WORDS)}/{rng.choice(WORDS)}", f"pool-{rng.randrange(64)}", rng.choice(WORDS),
              f"{rng.choice(WORDS)}-{rng.getrandbits(32):08x}", rng.choice(WORDS)]
    return logs.LogRecord(
        time_unix_nano=now, severity_number=9, severity_text="INFO", body=text(body),
        attributes=[common.KeyValue(key=key, value=text(value)) for key, value in zip(ATTRIBUTES, values)],
        trace_id=rng.randbytes(16), span_id=rng.randbytes(8))


def requests(count, size, seed):
    rng = random.Random(seed)
    for _ in range(count):
        records = [record(rng, 1_764_000_000_000_000_000 + rng.getrandbits(30)) for _ in range(size)]
        scope = logs.ScopeLogs(log_records=records)
        scope.scope.name = "bench"
        resource = logs.ResourceLogs(scope_logs=[scope])
        resource.resource.attributes.append(common.KeyValue(key="service.name", value=text("bench")))
        yield logs_service.ExportLogsServiceRequest(resource_logs=[resource]).SerializeToString()


class Sink(grpc.GenericRpcHandler):
    """Counts bytes and decodes nothing."""

    def __init__(self):
        self.bytes = 0

    def service(self, call):
        def take(body, _context):
            self.bytes += len(body)
            return b""
        return grpc.unary_unary_rpc_method_handler(take)


def cpu(pid):
    """User and system CPU seconds of a process, its threads included."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def scrubjay(binary, port, sink, folder, compression):
    config = folder / "collector.yaml"
    config.write_text(
        f"receivers: {{ otlp: {{ protocols: {{ grpc: {{ endpoint: '127.0.0.1:{port}' }} }} }} }}\n"
        "processors: { scrub: { pseudonym_key: 0123456789abcdef0123456789abcdef } }\n"
        f"exporters: {{ otlp_grpc: {{ endpoint: '127.0.0.1:{sink}', tls: {{ insecure: true }}, compression: {compression} }} }}\n"
        "service: { telemetry: { metrics: { endpoint: '127.0.0.1:0' } }, pipelines: { logs: { receivers: [otlp], processors: [scrub], exporters: [otlp_grpc] } } }\n")
    return [binary, "run", "--config", str(config)]


def rotel(binary, port, sink, _folder, sends):
    to = ["otlp", "--otlp-exporter-endpoint", f"http://127.0.0.1:{sink}"] if sends else ["blackhole"]
    return [binary, "start", "--otlp-grpc-endpoint", f"127.0.0.1:{port}", "--otlp-http-endpoint", f"127.0.0.1:{free_port()}",
            "--exporter", *to]


def once(command, sink, port, bodies):
    """Sends everything; CPU seconds, and the bytes the sink got."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        channel = grpc.insecure_channel(f"127.0.0.1:{port}", options=[("grpc.max_send_message_length", -1)])
        grpc.channel_ready_future(channel).result(timeout=60)
        time.sleep(1.0)
        export = channel.unary_unary(METHOD)
        before, started = sink.bytes, cpu(process.pid)
        with futures.ThreadPoolExecutor(4) as pool:
            for answer in pool.map(lambda body: retried(export, body), bodies):
                assert answer is not None
        # What waits in queues still has to go out.
        last = None
        while last is None or sink.bytes != last[0] or cpu(process.pid) - last[1] > 0.02:
            last = (sink.bytes, cpu(process.pid))
            time.sleep(0.7)
        return cpu(process.pid) - started, sink.bytes - before
    finally:
        process.terminate()
        process.wait(timeout=30)


def retried(export, body):
    while True:
        try:
            return export(body, timeout=60)
        except grpc.RpcError as error:
            if error.code() not in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.RESOURCE_EXHAUSTED):
                raise
            time.sleep(0.2)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scrubjay", default="target/release/scrubjay")
    parser.add_argument("--rotel", default=None, help="the binary; without it, the one of the wheel")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--megabytes", type=int, default=100)
    args = parser.parse_args()
    other = args.rotel or shutil.which("rotel-agent")
    if other is None:
        import rotel as wheel
        other = str(Path(wheel.__file__).parent / "rotel-agent")
    handler = Sink()
    server = grpc.server(futures.ThreadPoolExecutor(4), options=[("grpc.max_receive_message_length", -1)])
    server.add_generic_rpc_handlers((handler,))
    sink = server.add_insecure_port("127.0.0.1:0")
    server.start()
    # Every record is another one: what remembers clean texts has nothing to remember.
    bodies = []
    while sum(map(len, bodies)) < args.megabytes * 1_000_000:
        bodies.extend(requests(20, 500, seed=len(bodies)))
    total = sum(map(len, bodies))
    print(f"{total / 1e6:.0f} MB a round in requests of {total // len(bodies) // 1000} KB, {args.rounds} rounds")
    # Name, command, binary, its last argument, and how much of what was sent the sink must get.
    systems = [("scrubjay", scrubjay, args.scrubjay, "none", 0.9), ("scrubjay, gzip", scrubjay, args.scrubjay, "gzip", 0.9),
               ("rotel, gzip", rotel, other, True, 0.9), ("rotel, sends nothing", rotel, other, False, 0.0)]
    results = {name: [] for name, *_ in systems}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(args.rounds):
            for name, make, binary, how, least in systems:
                port = free_port()
                seconds, got = once(make(binary, port, sink, Path(folder), how), handler, port, bodies)
                if got < total * least:
                    sys.exit(f"{name}: only {got} of {total} bytes came through")
                results[name].append(seconds / (total / 1e9))
                print(f"{name:21} {results[name][-1]:6.2f} CPU s/GB", flush=True)
    median = {name: statistics.median(each) for name, each in results.items()}
    for ours, theirs in (("scrubjay, gzip", "rotel, gzip"), ("scrubjay", "rotel, sends nothing")):
        print(f"median: {ours} {median[ours]:.2f}, {theirs} {median[theirs]:.2f} CPU s/GB: ratio {median[ours] / median[theirs]:.2f}")


if __name__ == "__main__":
    main()
