"""Sends telemetry with made-up people in it through the official Python SDK: send.py grpc|http ENDPOINT.

Prints the ids that have to arrive as one JSON object.
"""

import json
import sys
import time

import grpc
from opentelemetry import trace
from opentelemetry._logs import SeverityNumber
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import AlwaysOnExemplarFilter, MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.metrics.view import View
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, StatusCode, TraceFlags, TraceState


def exporters(protocol, endpoint):
    if protocol == "grpc":
        from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter
        from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter
        from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter

        options = {"endpoint": endpoint, "insecure": True, "compression": grpc.Compression.Gzip}
        return OTLPSpanExporter(**options), OTLPLogExporter(**options), OTLPMetricExporter(**options)
    from opentelemetry.exporter.otlp.proto.http import Compression
    from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    return (
        OTLPSpanExporter(endpoint=f"{endpoint}/v1/traces", compression=Compression.Gzip),
        OTLPLogExporter(endpoint=f"{endpoint}/v1/logs", compression=Compression.Gzip),
        OTLPMetricExporter(endpoint=f"{endpoint}/v1/metrics", compression=Compression.NoCompression),
    )


def spans(provider):
    tracer = provider.get_tracer("lab.orders", "1.2.0", attributes={"owner.email": "scope.owner@clinic.example"})
    linked = SpanContext(
        trace_id=0x0AF7651916CD43DD8448EB211C80319C,
        span_id=0x00F067AA0BA902B7,
        is_remote=True,
        trace_flags=TraceFlags(1),
        trace_state=TraceState([("clinic", "491-45-6138")]),
    )
    with tracer.start_as_current_span(
        "GET /patients/536-22-8147/labs",
        kind=SpanKind.SERVER,
        links=[Link(linked, {"app.note": "merged from MRN 39496965", "app.step": 3})],
        attributes={
            "http.request.method": "GET",
            "http.response.status_code": 503,
            "url.full": "https://api.example.org/search?mail=faith%2Bhealth%40sbcglobal.example&page=2",
            "patient.mrn": 70367332,
            "patient.name": "Ingrid Tanaka",
            "app.payload": '{"state":"open","patient":{"name":"Mateo Orlova","mrn":"00482913"},"retry":2}',
            "app.tags": ["blue", "222-65-4675", "green"],
            "lookup.441-52-9903": "hit",
            "app.ratio": 0.5,
            "app.cached": True,
        },
    ) as parent:
        parent.add_event("cache.miss", {"app.key": "patient/612-44-7305", "app.shard": 7})
        with tracer.start_as_current_span("SELECT orders", record_exception=False) as child:
            try:
                raise LookupError("no patient for yelena.penrose@clinic.example or (312) 555-0142")
            except LookupError as error:
                child.record_exception(error)
                child.set_status(Status(StatusCode.ERROR, "no patient with MRN 47810926"))
    contexts = [parent.get_span_context(), child.get_span_context()]
    return {
        "trace_id": f"{contexts[0].trace_id:032x}",
        "span_ids": [f"{context.span_id:016x}" for context in contexts],
    }, contexts[0]


def logs(provider, span_context):
    logger = provider.get_logger("lab.queue", "0.9")
    context = trace.set_span_in_context(trace.NonRecordingSpan(span_context))
    logger.emit(
        timestamp=time.time_ns(),
        context=context,
        severity_number=SeverityNumber.WARN,
        severity_text="WARN",
        body="callback at (646) 555-0187 for ssn 301-52-7716 before noon",
        attributes={"app.attempt": 2, "user.email": "graham.haddad@clinic.example", "code.function.name": "retry"},
    )
    logger.emit(
        severity_number=SeverityNumber.INFO,
        severity_text="INFO",
        event_name="order.validated",
        body={"patient_name": "Akiko Novak", "state": "done", "steps": [{"mrn": 85330571, "left": 1}]},
    )


def metrics(provider):
    meter = provider.get_meter("lab.metrics", "2.0")
    counter = meter.create_counter("orders.created", unit="{order}", description="orders, first seen with 417-38-2956")
    counter.add(2, {"app.queue": "labs", "patient.email": "tomasz.hutchins@clinic.example"})
    counter.add(1, {"app.queue": "labs", "patient.email": "tomasz.hutchins@clinic.example"})
    histogram = meter.create_histogram("order.duration", unit="ms")
    # The view keeps only the queue: the record number ends up in an exemplar.
    histogram.record(12.5, {"app.queue": "labs", "patient.mrn": 93182746})
    histogram.record(30.0, {"app.queue": "labs", "patient.mrn": 93182746})


def main():
    protocol, endpoint = sys.argv[1:]
    span_exporter, log_exporter, metric_exporter = exporters(protocol, endpoint)
    resource = Resource({"service.name": "lab-orders", "service.owner": "nurse.on.call@clinic.example"})
    tracers = TracerProvider(resource=resource)
    tracers.add_span_processor(BatchSpanProcessor(span_exporter))
    loggers = LoggerProvider(resource=resource)
    loggers.add_log_record_processor(BatchLogRecordProcessor(log_exporter))
    reader = PeriodicExportingMetricReader(metric_exporter, export_interval_millis=3_600_000)
    view = View(instrument_name="order.duration", attribute_keys={"app.queue"})
    meters = MeterProvider([reader], resource, exemplar_filter=AlwaysOnExemplarFilter(), views=[view])
    ids, span_context = spans(tracers)
    logs(loggers, span_context)
    metrics(meters)
    for provider in (tracers, loggers, meters):
        provider.shutdown()
    print(json.dumps(ids))


main()
