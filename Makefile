# Two commands do everything on a fresh Linux machine: `make demo` and `make test`.
PYTHON ?= python3
BIN := .venv/bin
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
export PATH := $(CURDIR)/$(BIN):$(PATH)

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint fmt cluster crds lock bench-containment bench-judge bench-fleet clean

help:  ## show the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  \033[1m%-18s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/ready  ## install the locked dependencies into .venv

.venv/ready: requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Knowngood needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V). Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@echo "== installing the locked dependencies into .venv (about two minutes, once)"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: setup  ## the loan playbook, live: a bad version is taken back, a good one promoted (KEEP=1 leaves it up; SCENARIO=drift or pipeline)
	@$(BIN)/python -m e2e.demo $(if $(SCENARIO),--scenario $(SCENARIO)) $(if $(KEEP),--keep)

test: lint  ## every check and every test, on real clusters side by side
	@$(BIN)/python -m e2e.cluster build
	@$(BIN)/python -m pytest --numprocesses=3 --dist=loadgroup --no-loadscope-reorder $(ARGS)

lint: setup  ## formatting, types, layers, generated files
	@$(BIN)/ruff format --check --quiet . || { echo "run: make fmt"; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports --no-logo > .import_linter_report || { cat .import_linter_report; exit 1; }
	@$(BIN)/python crds/generate.py --check

fmt: setup  ## format the code and sort the imports
	@$(BIN)/ruff check --quiet --fix . ; $(BIN)/ruff format --quiet .

cluster: setup  ## keep a local cluster up and print its KUBECONFIG, until Ctrl-C
	@$(BIN)/python -m e2e.cluster up

crds: setup  ## write crds/ from the models
	@$(BIN)/python crds/generate.py

bench-containment: setup  ## measure the time from the first bad answer to the last one (an hour)
	@$(BIN)/python -m bench.containment

bench-judge: setup  ## the judge against naive rules, Kayenta and a fixed-horizon test, on the same traffic (ARGS=--quick: a minute)
	@$(BIN)/python -m bench.judge $(ARGS)

bench-fleet: setup  ## a day of 50 models whose versions are alike, on a faster clock: false alarms, promised and seen (ten minutes)
	@$(BIN)/python -m bench.fleet $(ARGS)

lock: setup  ## choose the newest dependencies and lock them with their hashes
	@$(BIN)/python -m pip install --quiet uv
	@$(BIN)/uv pip compile -q --universal --upgrade --generate-hashes --no-emit-index-url --no-annotate --no-header \
	  --python-version 3.11 pyproject.toml --group build --group test --group lint --group e2e -o requirements/dev.txt
	@$(BIN)/uv pip compile -q --universal --upgrade --generate-hashes --no-emit-index-url --no-annotate --no-header \
	  --python-version 3.11 pyproject.toml -o requirements/runtime.txt
	@$(BIN)/uv pip compile -q --universal --upgrade --generate-hashes --no-emit-index-url --no-annotate --no-header \
	  --python-version 3.11 pyproject.toml --extra apprise -o requirements/apprise.txt

clean:  ## remove .venv and what tools left in the checkout (built programs stay in the user's cache)
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache bench/out dist
