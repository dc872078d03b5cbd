# make demo   sets everything up and runs the main job in Airflow on a simulated company   (make stop ends it)
# make test   sets everything up and runs all tests
# The rest is for people who change the code: check, bench, docs, lock, clean.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup setup-dev demo stop test check lint types imports sql-lint fast bench docs lock clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV_VERSION := 0.9.0
export UV_NO_PROGRESS := 1
# hundreds of processes are started: each would compile everything again
unexport PYTHONDONTWRITEBYTECODE
export DBT_SEND_ANONYMOUS_USAGE_STATS := false

help: ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

$(VENV)/bin/uv:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || { echo "Python 3.11 to 3.13 is needed; say make PYTHON=python3.12"; exit 1; }
	@echo "· creating $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip --quiet --disable-pip-version-check install 'uv>=$(UV_VERSION)'

$(VENV)/.runtime: requirements.txt pyproject.toml | $(VENV)/bin/uv
	@echo "· installing the locked packages (once)"
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.runtime
	@echo "· installing the tools for tests and checks (once)"
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-dev.txt
	@touch $@

setup: $(VENV)/.runtime ## install what running needs
setup-dev: $(VENV)/.dev ## install what tests and checks need as well

demo: setup ## run everything on a simulated company, then leave Airflow, the sandbox and the inbox running
	@$(BIN)/python -m sandbox.demo start

stop: ## end what make demo left running
	@$(BIN)/python -m sandbox.demo stop

test: setup-dev ## every test
	@$(BIN)/python -m pytest -q -n auto --dist loadfile --no-loadscope-reorder

check: setup-dev lint types imports sql-lint fast ## the quick loop, under a minute
lint:
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/yamllint -s . && $(BIN)/codespell
types:
	@$(BIN)/mypy
imports:
	@$(BIN)/lint-imports --no-cache
sql-lint:
	@cd sql && ../$(BIN)/sqlfluff lint --processes 0 --disable-progress-bar --nocolor models tests
# what says in seconds whether a change has broken the engine; the rest is for make test
FAST := settings warehouse landing extract load document architecture docs reference deployment
fast:
	@$(BIN)/python -m pytest -q -n auto --dist loadfile --no-loadscope-reorder -m 'not slow and not airflow and not postgres and not kill' $(FAST:%=tests/%)

bench: setup-dev ## measured comparisons: all of them take hours, or make bench SECTIONS="hourly memory"
	@$(BIN)/python -m benchmarks $(SECTIONS)

docs: setup ## write what is generated: docs/reference, config/schemas, connection forms
	@$(BIN)/python -m cynosure_airflow.connection_types
	@$(BIN)/cynosure docs

lock: | $(VENV)/bin/uv ## resolve requirements*.txt anew from pyproject.toml
	@$(BIN)/uv pip compile --quiet --upgrade --generate-hashes --no-header pyproject.toml -o requirements.txt
	@$(BIN)/uv pip compile --quiet --generate-hashes --no-header --extra dev -c requirements.txt pyproject.toml -o requirements-dev.txt

clean: ## remove state and build output, not the virtual environment
	@rm -rf .cynosure sql/target sql/logs .pytest_cache .mypy_cache .ruff_cache .hypothesis
