"""Sends with Datadog's tracer: a handled exception, a request that fails, a statement, a call of a model. All people are made up."""
import os
import sqlite3
import sys
import urllib.request

os.environ.update({
    "DD_TRACE_AGENT_URL": sys.argv[1],
    "DD_TRACE_API_VERSION": sys.argv[2],
    "DD_SERVICE": "lab-orders",
    "DD_ENV": "test",
    "DD_INSTRUMENTATION_TELEMETRY_ENABLED": "false",
    "DD_REMOTE_CONFIGURATION_ENABLED": "false",
    "DD_TRACE_STARTUP_LOGS": "false",
    "DD_TRACE_HTTP_CLIENT_TAG_QUERY_STRING": "true",
})
import ddtrace  # noqa: E402
from ddtrace.trace import tracer  # noqa: E402

ddtrace.patch(sqlite3=True, httplib=True)

with tracer.trace("web.request", resource="GET /patients/536-22-8147/labs", span_type="web") as root:
    root.set_tag("http.url", "https://api.example.org/search?mail=faith.ingram@sbcglobal.net&page=2")
    root.set_tag("patient.mrn", "00482913")
    root.set_metric("patient.ssn", 441529903)
    root.set_metric("app.rows", 3)
    with tracer.trace("labs.find") as find:
        try:
            raise LookupError("no patient for ssn 491-45-6138")
        except LookupError:
            find.set_exc_info(*sys.exc_info())
    try:
        urllib.request.urlopen("http://127.0.0.1:9/patients?ssn=612-44-7305", timeout=2)
    except OSError:
        pass
    base = sqlite3.connect(":memory:")
    base.execute("CREATE TABLE patients (name TEXT, mrn TEXT)")
    base.execute("SELECT mrn FROM patients WHERE name = 'Ingrid Tanaka'").fetchall()
    with tracer.trace("openai.request", resource="createChatCompletion") as model:
        model.set_tag("openai.request.model", "gpt-4o")
        model.set_tag("openai.request.messages.0.content", "Summarise the chart of Mateo Orlova, born 03/14/1961, MRN 70367332.")
        model.set_tag("openai.response.choices.0.message.content", "Call him at (415) 555-0142.")
        model.set_metric("openai.response.usage.total_tokens", 128)
tracer.flush()
tracer.shutdown()
