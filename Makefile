# Everything runs in .venv, installed from uv.lock; nothing is installed outside this folder. `make` lists the targets.
.DEFAULT_GOAL := help
SHELL := /bin/sh
MAKEFLAGS += --no-print-directory
BIN := .venv/bin

# Nothing here phones home.
export PREFECT_SERVER_ANALYTICS_ENABLED := false
export DO_NOT_TRACK := 1
export GX_ANALYTICS_ENABLED := false

.PHONY: help setup demo test test-fast bench check format schemas coverage clean

help: ## List what can be done
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s  %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.venv/.installed: uv.lock pyproject.toml
	@echo "Installing into .venv (some minutes the first time)"
	@sh tools/setup.sh

setup: .venv/.installed ## Install into .venv exactly what uv.lock says

demo: setup ## Run the whole road once on local vendors and show it; ARGS="--keep" leaves it up
	@$(BIN)/crosswalk demo $(ARGS)

test: setup ## Run the whole test suite; ARGS="tests/store -k outbox" runs a part
	@$(BIN)/python -m pytest -n 2 --dist worksteal $(ARGS)

test-fast: setup ## Run the tests that take no seconds
	@$(BIN)/python -m pytest -n 2 --dist worksteal -m "not slow" $(ARGS)

bench: setup ## Measure the hub beside a plain script; ARGS="--contacts 10000,100000"
	@$(BIN)/python -m benchmarks $(ARGS)

check: setup ## Lint, format, types, import law, lock and generated files
	@sh tools/check.sh

format: setup ## Format, and mend what ruff can mend by itself
	@$(BIN)/ruff format
	@$(BIN)/ruff check --fix

schemas: setup ## Write the JSON Schemas of mappings/ from the code
	@$(BIN)/python -m crosswalk.platform.schemas

coverage: setup ## Write docs/coverage.md: which feature is built where, and proven by which test
	@$(BIN)/python tools/coverage_table.py

clean: ## Remove what the tools left behind; keeps .venv and the hub's own data (.crosswalk)
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
	@find . -name __pycache__ -type d -not -path './.venv/*' -not -path './.uv/*' -prune -exec rm -rf {} +
