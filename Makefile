# `make help` lists what there is. Every target first sees to it that what the build needs is there (scripts/setup.sh).

CARGO ?= cargo
# More arguments for `scrubjay demo`: make run ARGS="--once --people 5000"
ARGS ?=
# Where `make bench` keeps what it measures on.
CORPUS ?= target/corpus
BENCH_SECONDS ?= 10
# The formats of Datadog's and Sentry's senders that it measures.
NATIVE = datadog-traces datadog-trace-table datadog-trace-payload datadog-trace-stream datadog-client-stats datadog-logs sentry-envelope
# How many cases `make properties` tries for each property.
CASES ?= 10000
# How many texts `make fuzz-differential` tries, and which.
EXECUTIONS ?= 1000000
SEED ?= 1
# How often `make chaos` kills and stops.
CYCLES ?= 100
# For how many seconds `make overload` offers more than a backend takes; the shell must allow 5,000 files (ulimit -n).
LASTS ?= 600
# How many idle connections `make chaos` holds; the shell must allow twice as many files (ulimit -n).
IDLE ?= 9000

# A toolchain that was installed a moment ago is not on the PATH yet.
export PATH := $(PATH):$(if $(CARGO_HOME),$(CARGO_HOME),$(HOME)/.cargo)/bin

.DEFAULT_GOAL := help
.PHONY: help setup run test model check-model compare check-deploy check fmt lint doc ci bench properties fuzz fuzz-differential forms chaos overload sbom deny

help: ## List these targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(firstword $(MAKEFILE_LIST)) | while IFS="$$(printf '\t')" read -r name about; do \
		printf '  make %-18s %s\n' "$$name" "$$about"; done

setup: ## Install what the build needs, or print the command that does
	@sh scripts/setup.sh

run: setup ## Build for release, show what scrubbing does to made-up telemetry, then take your own on loopback
	$(CARGO) build --release --locked
	@exec $(CARGO) run --release --locked --quiet -- demo $(ARGS)

test: setup ## Run every test: units, the whole product between real sockets, documentation
	$(CARGO) test --workspace --locked

check: fmt lint doc ## Look at formatting, lints and documentation

fmt: setup
	$(CARGO) fmt --all --check

lint: setup
	$(CARGO) clippy --workspace --all-targets --locked -- -D warnings

doc: setup
	RUSTDOCFLAGS="$(RUSTDOCFLAGS) -D warnings" $(CARGO) doc --workspace --no-deps --locked

ci: ## Do what continuous integration does: check and test, with the time of each step
	@.ci/run

compare: setup ## CPU seconds per GB of the whole collector, beside one that passes everything through
	$(CARGO) build --release --locked --workspace
	python3 -m venv target/compare
	target/compare/bin/pip install --quiet rotel==0.0.1a15 grpcio opentelemetry-proto
	target/compare/bin/python benches/rotel_compare.py

check-deploy: ## Check Dockerfile, systemd unit, chart, manifests, alerts and dashboard, offline
	sh scripts/check-deploy.sh

bench: setup ## Measure the engine on made-up traces and log lines (release build, one core)
	$(CARGO) bench --locked --bench make_corpus -- "$(abspath $(CORPUS))"
	$(CARGO) build --release --locked
	$(CARGO) run --release --locked --quiet -- bench --signal traces --seconds $(BENCH_SECONDS) $(CORPUS)/traces_distinct.bin
	$(CARGO) run --release --locked --quiet -- bench --signal traces --seconds $(BENCH_SECONDS) $(CORPUS)/traces_half.bin
	$(CARGO) run --release --locked --quiet -- bench --seconds $(BENCH_SECONDS) $(CORPUS)/lines.log
	for format in $(NATIVE); do \
	  $(CARGO) run --release --locked --quiet -- bench --native $$format --seconds $(BENCH_SECONDS) $(CORPUS)/$$format.bin || exit 1; \
	done

properties: setup ## Try every property of the engine on many more random inputs than the tests do (CASES=10000)
	SCRUBJAY_CASES=$(CASES) $(CARGO) test --workspace --locked --test properties

model: setup ## Make the word table and the model of the name tagger from patterns/words and processors/training
	$(CARGO) run --release --locked -p processors --no-default-features --example train_names -- model

check-model: setup ## See whether the shipped table and model are what `make model` makes
	$(CARGO) run --release --locked -p processors --no-default-features --example train_names -- check

fuzz-differential: setup ## Hold the matchers to each other, and texts to the same texts inside each container (EXECUTIONS=1000000)
	SCRUBJAY_EXECUTIONS=$(EXECUTIONS) SCRUBJAY_SEED=$(SEED) $(CARGO) test --release --workspace --locked --test properties -- \
		--nocapture differential::differential

fuzz: setup ## Try every decoder and reader on a million inputs that are nearly sound (EXECUTIONS=1000000, SEED=1)
	SCRUBJAY_EXECUTIONS=$(EXECUTIONS) SCRUBJAY_SEED=$(SEED) $(CARGO) test --workspace --locked --test it -- --nocapture --test-threads=2 fuzz::

forms: setup ## Hold JSON to protobuf, senders apart, and an engine that fails, at their full size (CASES=100000)
	SCRUBJAY_CASES=$(if $(filter-out 10000,$(CASES)),$(CASES),100000) SCRUBJAY_REQUESTS=1000000 SCRUBJAY_RECORDS=1000000 \
		$(CARGO) test --workspace --locked --test it -- --nocapture --test-threads=2 two_forms:: apart:: faults::of_many

chaos: setup ## Kill, stop and starve the collector under load, a hundred times each (CYCLES=100)
	SCRUBJAY_CYCLES=$(CYCLES) SCRUBJAY_IDLE=$(IDLE) $(CARGO) test --workspace --locked --test it -- --nocapture --test-threads=1 \
		chaos:: clocks:: floods:: h2_cases:: slow_peers:: memory:: bad_backends:: odd_backends:: tokens::

overload: setup ## Offer more than there is room for, in every way, for as long as it may last: a release build, half an hour (LASTS=600)
	SCRUBJAY_SECONDS=$(LASTS) SCRUBJAY_ITEMS=1000000 SCRUBJAY_SENDERS=1000000 SCRUBJAY_PEERS=2000 SCRUBJAY_FLOOD=20 \
		$(CARGO) test --release --workspace --locked --test it -- --nocapture --test-threads=1 \
		oversize:: overload:: crowds:: memory::names memory::small chaos::a_backend_that_breaks

sbom: ## Write what the binary is made of, from the lock file, as CycloneDX (target/sbom.json)
	@mkdir -p target
	python3 scripts/sbom.py > target/sbom.json
	@echo target/sbom.json

deny: setup ## Look at licences, advisories, duplicates and sources of all dependencies (needs cargo-deny)
	@$(CARGO) deny --version >/dev/null 2>&1 || { echo "cargo-deny is missing: cargo install --locked cargo-deny" >&2; exit 1; }
	$(CARGO) deny --locked check
