#!/bin/sh
# Says how to send something to a collector that runs on the embedded default.
cat >&2 <<'EOF'

scrubjay takes OTLP on 127.0.0.1:4317 (gRPC) and 127.0.0.1:4318 (HTTP) and writes what is left of it to stdout.
An application with an OpenTelemetry SDK sends to it with
  OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318
A first span, from another terminal:
  curl -sS http://127.0.0.1:4318/v1/traces -H 'content-type: application/json' -d '{"resourceSpans":[{"scopeSpans":[{"spans":[{
    "traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","name":"GET /patients/536-22-8147","kind":2,
    "startTimeUnixNano":"1763800000000000000","endTimeUnixNano":"1763800000250000000",
    "attributes":[{"key":"patient.name","value":{"stringValue":"Jane Doe"}},{"key":"http.status_code","value":{"intValue":"200"}}]}]}]}]}'
Metrics: http://127.0.0.1:8888/metrics   Health: http://127.0.0.1:13133/   Stop: Ctrl-C

EOF
