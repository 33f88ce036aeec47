"""Holds the plain manifests, and what the chart renders in every mode, to the schemas of Kubernetes; lints the chart."""

import json
import sys
from pathlib import Path

import kubernetes_validate
import yaml
from helm_python.chart import Chart, lint

VERSION = "1.31"
# Kinds that operators bring have no schema here.
FOREIGN = {"ServiceMonitor", "PrometheusRule"}
CHART = "deploy/helm/scrubjay"
MODES = (
    {},
    {"mode": "daemonset"},
    {"autoscaling": {"enabled": False}, "networkPolicy": {"enabled": False}},
    {"serviceMonitor": {"enabled": True}, "prometheusRule": {"enabled": True}},
)
# What the chart's schema must refuse.
WRONG = ({"mode": "statefulset"}, {"existingSecret": ""}, {"replicas": 3})


def hold(text, name):
    """Validates every document; returns how many there were."""
    count = 0
    for document in yaml.safe_load_all(text):
        if document is None:
            continue
        count += 1
        if document["kind"] not in FOREIGN:
            kubernetes_validate.validate(document, VERSION, strict=True)
        if document["kind"] == "ConfigMap":
            pipelines = yaml.safe_load(document["data"]["collector.yaml"])["service"]["pipelines"]
            assert all(pipeline["processors"] == ["scrub"] for pipeline in pipelines.values()), name
    return count


def main():
    for path in sorted(Path("deploy/kubernetes").glob("*.yaml")):
        print(path, hold(path.read_text(), str(path)), "documents")
    report = lint(CHART, {}, strict=True)
    # Charts need no icon.
    messages = [it for it in report["messages"] if it["severity"] > 1]
    assert not messages and not report["errors"], report
    for values in MODES:
        with Chart.load(CHART) as chart:
            chart.validate_schema(values)
            rendered = chart.render(values, name="test", namespace="scrubjay")
        count = sum(hold(text, name) for name, text in rendered.items() if name.endswith(".yaml"))
        print("chart", json.dumps(values), count, "documents")
        assert count >= 4, rendered
    for values in WRONG:
        with Chart.load(CHART) as chart:
            try:
                chart.validate_schema(values)
            except Exception:
                continue
            raise AssertionError(f"the schema takes {values}")


if __name__ == "__main__":
    sys.exit(main())
