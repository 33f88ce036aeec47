"""Tells Datadog's LLM Observability of a model, a tool and a retrieval, through an Agent. All people are made up."""
import os
import sys

os.environ.update({
    "DD_TRACE_AGENT_URL": sys.argv[1],
    "DD_SERVICE": "lab-orders",
    "DD_ENV": "test",
    "DD_INSTRUMENTATION_TELEMETRY_ENABLED": "false",
    "DD_REMOTE_CONFIGURATION_ENABLED": "false",
    "DD_TRACE_STARTUP_LOGS": "false",
})
from ddtrace.llmobs import LLMObs  # noqa: E402

LLMObs.enable(ml_app="lab-notes", agentless_enabled=False, integrations_enabled=False)
with LLMObs.workflow(name="summarise.chart", session_id="session-7"):
    with LLMObs.retrieval(name="find.notes") as find:
        LLMObs.annotate(
            span=find,
            input_data="notes on Mateo Orlova",
            output_data=[{"text": "MRN 70367332 seen on 03/14/1961", "name": "note-1", "id": "n1", "score": 0.9}],
        )
    with LLMObs.tool(name="lookup.patient") as tool:
        LLMObs.annotate(span=tool, input_data={"ssn": "536-22-8147"}, output_data={"status": "active"})
    with LLMObs.llm(model_name="gpt-4o", model_provider="openai", name="chat") as model:
        LLMObs.annotate(
            span=model,
            input_data=[
                {"role": "system", "content": "You write discharge summaries."},
                {"role": "user", "content": "Summarise the chart of Ingrid Tanaka, SSN 491-45-6138."},
            ],
            output_data=[{"role": "assistant", "content": "Call her at (415) 555-0142."}],
            metadata={"temperature": 0.2},
            metrics={"input_tokens": 120, "output_tokens": 8, "total_tokens": 128},
            tags={"patient.mrn": "00482913"},
        )
LLMObs.flush()
LLMObs.disable()
