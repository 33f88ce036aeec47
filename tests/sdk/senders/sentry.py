"""Sends with Sentry's SDK as most have it set up: a handled exception with its variables, a request that fails, a statement, a
call of a model, an attachment. All people are made up."""
import logging
import sqlite3
import sys
import urllib.request

import sentry_sdk

sentry_sdk.init(
    dsn=sys.argv[1], traces_sample_rate=1.0, send_default_pii=True, server_name="test", release="1.2.0", environment="test",
)


def find(ssn, patient):
    retries = 3
    raise LookupError(f"no patient for ssn {ssn} after {retries}")


with sentry_sdk.start_transaction(op="http.server", name="GET /patients/536-22-8147/labs"):
    sentry_sdk.set_user({"id": "70367332", "email": "faith.ingram@sbcglobal.net", "username": "ingrid.tanaka"})
    sentry_sdk.set_tag("patient.mrn", "00482913")
    sentry_sdk.set_extra("note", "call Mateo Orlova at (415) 555-0142")
    sentry_sdk.set_context("visit", {"patient": {"ssn": "491-45-6138"}, "room": "12"})
    logging.warning("chart of ssn 612-44-7305 not found")
    try:
        urllib.request.urlopen("http://127.0.0.1:9/patients?ssn=612-44-7305", timeout=2)
    except OSError:
        pass
    statement = "SELECT mrn FROM patients WHERE name = 'Ingrid Tanaka'"
    with sentry_sdk.start_span(op="db.sql.query", name=statement) as span:
        span.set_data("db.system", "sqlite")
        sentry_sdk.add_breadcrumb(category="query", message=statement)
    with sentry_sdk.start_span(op="gen_ai.chat", name="chat gpt-4o") as span:
        span.set_data("gen_ai.request.messages", '[{"role": "user", "content": "Summarise Mateo Orlova, MRN 70367332"}]')
        span.set_data("gen_ai.usage.total_tokens", 128)
    try:
        find("491-45-6138", {"name": "Ingrid Tanaka", "mrn": "00482913"})
    except LookupError as error:
        sentry_sdk.get_current_scope().add_attachment(bytes=b"chart of Ingrid Tanaka", filename="ingrid-tanaka.txt")
        sentry_sdk.capture_exception(error)
sentry_sdk.flush(5)
