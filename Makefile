# Every target sets up what it needs; `make help` lists them.
SHELL := /bin/bash
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell for p in python3.11 python3 python; do $$p -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null && echo $$p && break; done)
ROOMS := clinical_coding schemas runtime producers streams consumers training ui cli
UV_VERSION := 0.13.9
ACTIONLINT_VERSION := v1.7.7
HELM_VERSION := v3.18.6
RENDER := template codemychart infra/helm/codemychart --kube-version 1.31.0
UV := $(BIN)/uv pip
INSTALL := $(UV) install --python $(BIN)/python --no-deps --require-hashes -q
ARGS ?=
TOOLS := build/supply-chain
# Each client of broker, registry and store; all tests: CMC_TEST_SERVICES=containers make integration
ON_CONTAINERS := $(addprefix tests/integration/test_,kafka.py registry.py claims.py \
  landing.py::test_claims_land_once_on_s3_although_the_driver_is_killed)
LOCK ?= locks/run.txt

.PHONY: help demo test setup format lint types imports unit integration e2e chaos check up down bench bench-quix shape schemas lock audit sbom train evaluate screenshots workflows chart golden-chart containers stack smoke clean
.DEFAULT_GOAL := help

help: ## Show this list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

demo: $(VENV)/run ## Synthetic encounters to coded claims on this machine, with the live feed (ARGS="--notes 500 --no-ui --exit")
	@$(BIN)/codemychart demo $(ARGS)

test: $(VENV)/dev ## Unit, integration and end-to-end tests, in two processes with services of their own
	@$(BIN)/pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder $(ARGS)

setup: $(VENV)/dev ## Everything for development, into .venv

unit: $(VENV)/dev ## Tests that need no port (under a minute)
	@$(BIN)/pytest tests/unit $(ARGS)

integration: $(VENV)/dev ## One adapter at a time against the real thing
	@$(BIN)/pytest tests/integration $(ARGS)

e2e: $(VENV)/dev ## Note in, claim, Parquet row and page out
	@$(BIN)/pytest tests/e2e $(ARGS)

chaos: $(VENV)/dev ## The pipeline under faults by a seeded plan (ARGS="--seed N --faults K --notes M")
	@$(BIN)/python -m tests.chaos $(ARGS)

smoke: ## The stack of docker-compose.yml: 1,000 notes through it, to the reconciled table
	@docker compose build --quiet && docker compose up -d --wait && docker compose run --rm smoke

stack: $(VENV)/dev ## The same with three brokers, one of which dies, while workers come and go
	@docker compose build --quiet
	@CMC_TEST_SERVICES=containers $(BIN)/pytest tests/e2e/test_stack.py $(ARGS)

containers: $(VENV)/dev ## Tests of the adapters on containers: broker, registry and object store
	@CMC_TEST_SERVICES=containers $(BIN)/pytest $(ON_CONTAINERS) $(ARGS)

check: format-check lint types imports workflows chart ## All static checks, as CI runs them

format: $(VENV)/dev ## Format and sort, in place
	@$(BIN)/ruff check --fix-only -q . && $(BIN)/ruff format -q .

.PHONY: format-check
format-check: $(VENV)/dev
	@$(BIN)/ruff format --check -q . || { echo 'run `make format`'; exit 1; }

lint: $(VENV)/dev ## Ruff, every rule
	@$(BIN)/ruff check -q .

types: $(VENV)/dev ## mypy, strict
	@$(BIN)/mypy

imports: $(VENV)/dev ## The layers of docs/architecture.md
	@$(BIN)/lint-imports --cache-dir .import_linter_cache

workflows: ## GitHub's workflows by actionlint, where it or Go is to be had
	@lint=$$(command -v actionlint || echo build/tools/actionlint); \
	test -x $$lint || ! command -v go >/dev/null || \
	  GOBIN=$(CURDIR)/build/tools go install github.com/rhysd/actionlint/cmd/actionlint@$(ACTIONLINT_VERSION) 2>/dev/null || true; \
	if test -x $$lint; then $$lint; else echo 'workflows are not checked: neither actionlint nor Go is here'; fi

chart: ## The Helm chart by helm, where it is: lint, and what it renders against tests/golden/chart.yaml
	@helm=$$(command -v helm || echo build/tools/helm); \
	if test -x $$helm; then $$helm lint --quiet --strict infra/helm/codemychart && $$helm $(RENDER) | diff tests/golden/chart.yaml - \
	  || { echo 'the chart renders something else: look at it, then `make golden-chart`'; exit 1; }; \
	else echo 'the chart is not rendered: helm is not here (make build/tools/helm makes it with Go)'; fi

golden-chart: build/tools/helm ## Take what the chart renders now as right
	@build/tools/helm $(RENDER) > tests/golden/chart.yaml

build/tools/helm:
	@GOBIN=$(CURDIR)/build/tools go install helm.sh/helm/v3/cmd/helm@$(HELM_VERSION)

shape: $(VENV)/dev ## How long functions and files are
	@$(BIN)/python -m benchmarks.shape $(ROOMS)

up: $(VENV)/run ## Broker, schema registry and object store in the background
	@$(BIN)/codemychart up

down: $(VENV)/run ## Stop them
	@$(BIN)/codemychart down

bench: $(VENV)/dev ## All benchmarks (ARGS=--quick)
	@for b in encoder engine pipeline throughput replay recovery pages landing scale landing_kills long_run; do $(BIN)/python -m benchmarks.$$b $(ARGS) || exit 1; done

bench-quix: $(VENV)/dev ## An environment for benchmarks.throughput: Quix Streams wants an older confluent-kafka
	@$(BIN)/python -m venv build/quix
	@build/quix/bin/python -m pip install --quiet quixstreams==3.28.1 "confluent-kafka<2.13"
	@$(BIN)/python -c "import sysconfig; print(sysconfig.get_path('purelib'))" > \
	  "$$(build/quix/bin/python -c "import sysconfig; print(sysconfig.get_path('purelib'))")/zz-ours.pth"

schemas: $(VENV)/run ## Compatibility of the contracts with the registry's versions
	@$(BIN)/codemychart schemas check

audit: $(TOOLS)/ready ## Known vulnerabilities of locked packages; one that cannot be asked of fails (LOCK=locks/dev.txt)
	@$(TOOLS)/bin/pip-audit --strict --require-hashes --disable-pip --progress-spinner off -r $(LOCK) $(ARGS)

sbom: $(TOOLS)/ready ## Bill of materials of packages and Java archives, build/codemychart.cdx.json
	@$(TOOLS)/bin/cyclonedx-py requirements --output-reproducible --spec-version 1.6 -o build/packages.cdx.json locks/run.txt 2>build/sbom.log || { tail -1 build/sbom.log; exit 1; }
	@PYTHONPATH=. $(TOOLS)/bin/python .ci/sbom.py build/packages.cdx.json > build/codemychart.cdx.json
	@echo build/codemychart.cdx.json

train: $(VENV)/dev ## Fit the ranker anew into the shipped bundle
	@$(BIN)/codemychart train --out runtime/bundles/default $(ARGS)

evaluate: $(VENV)/dev ## Report on the shipped bundle in docs/ (ARGS='--claims FILE --mentions FILE --baseline')
	@$(BIN)/codemychart evaluate --report docs $(ARGS)

screenshots: $(VENV)/dev ## Pictures of the pages of a running demo (ARGS=http://127.0.0.1:8501)
	@$(BIN)/python docs/screenshots.py $(ARGS)

LOCKED = $(UV) compile --generate-hashes --universal --python-version 3.11 -q --no-header
lock: $(VENV)/dev ## Resolve pyproject.toml anew into locks/
	@$(LOCKED) pyproject.toml --all-extras --group dev --group build --group tracking --upgrade -o locks/dev.txt
	@$(LOCKED) pyproject.toml --extra worker --extra landing --extra ui --group build -c locks/dev.txt -o locks/run.txt
	@$(LOCKED) pyproject.toml --extra worker --extra lake --extra ui --extra otel -c locks/dev.txt -o locks/service.txt
	@$(LOCKED) pyproject.toml --extra landing --extra otel -c locks/dev.txt -o locks/landing.txt
	@$(LOCKED) --group tracking -c locks/dev.txt -o locks/tracking.txt
	@$(LOCKED) --group build -c locks/dev.txt -o locks/build.txt
	@$(LOCKED) --group supply-chain --upgrade -o locks/supply-chain.txt

clean: ## Remove the virtual environment and tool caches
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(BIN)/uv:
	@test -n "$(PYTHON)" || { echo 'error: Python 3.11 is needed and none was found; install it (apt install python3.11 python3.11-venv, brew install python@3.11) or give PYTHON=/path/to/python3.11'; exit 1; }
	@echo 'setting up $(VENV)'
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -q --disable-pip-version-check uv==$(UV_VERSION)

# What looks at packages is not among them.
$(TOOLS)/ready: locks/supply-chain.txt | $(BIN)/uv
	@echo 'installing pip-audit and cyclonedx-py into $(TOOLS)'
	@mkdir -p build && $(PYTHON) -m venv $(TOOLS) && $(UV) install --python $(TOOLS)/bin/python --no-deps --require-hashes -q -r $< 2>build/supply-chain.log \
	  || { echo 'error: the tools cannot be fetched: is there a network? see build/supply-chain.log'; exit 1; }
	@touch $@

# What runs the demo: no torch, no test tools. A stamp, so that a second start installs nothing.
$(VENV)/run: locks/run.txt pyproject.toml | $(BIN)/uv
	@test -e $(VENV)/dev && test $(VENV)/dev -nt locks/dev.txt || { echo 'installing what the demo needs'; $(INSTALL) -r locks/run.txt; }
	@$(UV) install --python $(BIN)/python --no-deps --no-build-isolation -q -e .
	@touch $@

$(VENV)/dev: locks/dev.txt pyproject.toml | $(BIN)/uv
	@echo 'installing what development and tests need (torch among it: about 6 GB)'
	@$(INSTALL) -r locks/dev.txt
	@$(UV) install --python $(BIN)/python --no-deps --no-build-isolation -q -e .
	@touch $@
