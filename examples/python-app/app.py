"""An application with OpenTelemetry that says too much.

    python3 -m venv venv && venv/bin/pip install -r requirements.txt
    OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318 OTEL_SERVICE_NAME=appointments venv/bin/python app.py

Traces, logs and metrics leave over HTTP to where the environment says, without it to http://localhost:4318, where
`scrubjay run` and `make run` listen. Nothing in it knows of scrubjay. All people in it are made up.
"""

from opentelemetry._logs import SeverityNumber
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind


def book(tracer, logger, counter):
    """A request as many are served: with more in its telemetry than anybody meant to put there."""
    attributes = {
        "http.request.method": "POST",
        "patient.name": "Yelena Penrose",
        "patient.mrn": 47810926,
        "db.query.text": "SELECT id FROM patients WHERE last_name = 'Penrose' AND ssn = '536-22-8147'",
        "gen_ai.prompt": "Write to patient Yelena Penrose, born 07/14/1961, about her appointment.",
    }
    name = "POST /patients/536-22-8147/appointments"
    try:
        with tracer.start_as_current_span(name, kind=SpanKind.SERVER, attributes=attributes):
            body = "call back at (937) 555-0142 about ssn 536-22-8147"
            logger.emit(severity_number=SeverityNumber.WARN, severity_text="WARN", body=body, attributes={"attempt": 2})
            counter.add(1, {"patient.email": "y.penrose@clinic.example", "clinic": "north"})
            # The SDK records it with message and stack trace, and in the status of the span.
            raise LookupError("no slot for patient Yelena Penrose (MRN 47810926)")
    except LookupError:
        pass


def main():
    traces, logs = TracerProvider(), LoggerProvider()
    traces.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    logs.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter()))
    metrics = MeterProvider([PeriodicExportingMetricReader(OTLPMetricExporter())])
    counter = metrics.get_meter("appointments").create_counter("appointments.requested")
    book(traces.get_tracer("appointments"), logs.get_logger("appointments"), counter)
    # What is still here leaves now.
    for provider in (traces, logs, metrics):
        provider.shutdown()


main()
