# make run: from nothing to both gold tables.  make live: it runs by itself.  make test: the tests.  make help: the rest.
PYTHON ?= python3
VENV ?= .venv
PORT ?= 3000
KAFKA_PORT ?= 9092
DASHBOARD_PORT ?= 8050
WORKERS ?= 2
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: help install run live dashboard test test-quick test-stress fuzz bench lint audit ui clean
help: ## show this
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

install: $(READY) ## set up .venv: the locked packages and the jars

$(READY): pyproject.toml requirements.lock fitness_assets/engine/locks/spark.lock
	@$(PYTHON) fitness_assets/install.py $(VENV) $(INSTALL)
	@touch $(READY)

run: install ## sample data if the landing zone is empty, every table, both gold tables
	@$(BIN)/fitness-assets run

live: install ## broker, engine, Dagster with sensors, dashboard, and a producer, until Ctrl-C
	@$(BIN)/fitness-assets live --port $(PORT) --kafka-port $(KAFKA_PORT) --dashboard-port $(DASHBOARD_PORT) $(LIVE)

dashboard: install ## the dashboard on http://127.0.0.1:8050, until Ctrl-C
	@$(BIN)/fitness-assets dashboard --port $(DASHBOARD_PORT)

test: install ## all tests, in two processes (WORKERS=4 for four; each takes some 5 GB)
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

test-quick: install ## the tests that need neither broker, database nor browser and start no programs: three minutes
	@$(BIN)/python -m pytest -m "not (kafka or database or browser or programs or slow)"

fuzz: install ## a hundred thousand odd records, landed and judged, with seeds of their own
	@$(BIN)/python -m fitness_assets_tests.fuzz --records 100000

test-stress: install ## random sequences of updates, kills, power cuts, restores, lost notes, with seeds of their own; every power cut
	@$(BIN)/python -m fitness_assets_tests.durability.stress $(if $(SEEDS),--sequences $(SEEDS))
	@$(BIN)/python -m fitness_assets_tests.durability.power_cuts $(if $(SEEDS),--cuts $(SEEDS))

bench: install ## what it costs: from nothing, small updates of short and long histories, beside DuckDB; docs/measured.md
	@$(BIN)/python -m fitness_assets_tests.benchmarks $(BENCH)

lint: install ## ruff, the type checker and the direction of imports
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports

audit: install ## known vulnerabilities of the locked packages, as the registry of packages tells them
	@deployment/audit.sh

ui: install ## Dagster's web UI on http://127.0.0.1:3000
	@$(BIN)/fitness-assets ui --port $(PORT) --home .fitness/dagster --workspace workspace.yaml

clean: ## remove .venv
	@rm -rf $(VENV)
