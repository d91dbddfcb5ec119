# Renewal portal. `make run` and `make test` set up all they need.
.DEFAULT_GOAL := help
.PHONY: help run test lint check format lock po prove-quick torture fuzz scan bench

PYTHON ?= python3
VENV := .venv
SCANNERS := .venv-scan
BIN := $(VENV)/bin
CATALOG := translations/zh_Hans_CN/LC_MESSAGES/messages
# uv is ten times as fast where it is installed; pip does the same work.
INSTALL = if command -v uv >/dev/null 2>&1; then \
		uv pip install -q --python $(BIN)/python --compile-bytecode --require-hashes -r $(1); \
	else $(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r $(1); fi

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

run: $(VENV)/.runtime $(CATALOG).mo ## Start the portal and the local Stripe sandbox; Ctrl-C stops both
	@exec $(BIN)/python -m portal.launch

# Coverage doubles what a test costs, so it is measured for a part that reaches every line.
test: $(VENV)/.dev $(CATALOG).mo ## Run the whole test suite on SQLite and PostgreSQL
	@$(BIN)/python -m tests.told
	@rm -f .coverage .coverage.*
	@$(BIN)/python -m tests.ran --begin
	@$(BIN)/python -m pytest -n auto --part covered --cov --cov-report=
	@$(BIN)/python -m pytest -n auto --part rest
	@$(BIN)/python -m tests.ran
	@$(BIN)/coverage report --include='payments/*' --fail-under=100 --skip-covered
	@$(BIN)/coverage report --include='portal/*' --fail-under=90 --skip-covered --format=total | sed 's/^/Coverage of portal: /; s/$$/ %/'

lint: $(VENV)/.dev $(CATALOG).mo ## Check format, style, types, import walls, migrations, translations, templates
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/bandit -q -ll -c pyproject.toml -r portal payments
	@$(BIN)/mypy
	@PYTHONPATH=. $(BIN)/lint-imports
	@$(BIN)/djlint templates payments/sandbox/hosted/templates --check --lint --quiet
	@$(BIN)/python -m pytest -n auto tests/test_language.py tests/test_migrations.py tests/test_sizes.py tests/rules

check: lint test ## make lint and make test

prove-quick: $(VENV)/.dev $(CATALOG).mo ## The short proofs: kills, races, random orders, mutants, strange requests (about 14 minutes)
	@$(BIN)/python -m tests.torture.crash --kills 40 --heart --jobs 2
	@$(BIN)/python -m tests.torture.machine --examples 300
	@$(BIN)/python -m tests.torture.orders --permutations 300 --sequences 300 --jobs 2
	@$(BIN)/python -m tests.torture.races --rounds 60
	@$(BIN)/python -m tests.torture.mutants
	@$(BIN)/python -m tests.fuzz --requests 5000 --db sqlite 2>/dev/null & one=$$!; $(BIN)/python -m tests.fuzz --requests 5000 --db postgres 2>/dev/null; two=$$?; wait $$one && exit $$two
	@echo "All proofs hold."

fuzz: $(VENV)/.dev $(CATALOG).mo ## Strange requests to every route, 100,000 on each database (half an hour)
	@$(BIN)/python -m tests.fuzz --plant --requests 2000 --db sqlite >/dev/null 2>&1 || { echo "The fuzzer does not find what is planted."; exit 1; }
	@$(BIN)/python -m tests.fuzz --db sqlite 2>/dev/null & one=$$!; $(BIN)/python -m tests.fuzz --db postgres 2>/dev/null; two=$$?; wait $$one && exit $$two

scan: $(VENV)/.dev $(SCANNERS)/.set-up $(CATALOG).mo ## Wapiti and sqlmap against the running portal, pip-audit on what is pinned (an hour)
	@$(BIN)/python -m tests.scan 2>/dev/null

torture: $(VENV)/.dev $(CATALOG).mo ## The long proofs, for a night
	@$(BIN)/python -m tests.torture.crash --kills 40 --jobs 2
	@$(BIN)/python -m tests.torture.machine --examples 2000
	@$(BIN)/python -m tests.torture.orders --permutations 5000 --sequences 5000 --jobs 2
	@$(BIN)/python -m tests.torture.races --rounds 500
	@$(BIN)/python -m tests.torture.mutants

bench: $(VENV)/.dev $(CATALOG).mo ## Measure what docs/performance.md tells (an hour)
	@for name in imports import_and_pay lists exports pdf demo webhooks lost_webhook selfcheck audit_verify enumeration quoting dry_run writers; do echo "== $$name"; $(BIN)/python -m tests.bench.$$name; done

format: $(VENV)/.dev ## Put code and templates into the house format
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/djlint templates --reformat --quiet || true

po: $(VENV)/.dev ## Collect new texts into the Chinese catalogue for translating
	@$(BIN)/pybabel -q extract --ignore-dirs '.* var node_modules' -F translations/babel.cfg -k _l -k _n:1,2 --no-location --sort-output -o translations/messages.pot .
	@$(BIN)/pybabel -q update -i translations/messages.pot -d translations -l zh_Hans_CN --no-fuzzy-matching --ignore-obsolete --no-wrap
	@rm -f translations/messages.pot

$(CATALOG).mo: $(CATALOG).po $(VENV)/.runtime
	@$(BIN)/python -m translations

$(SCANNERS)/.set-up: requirements-scan.txt
	@echo "Setting up the scanners (once)…"
	@$(PYTHON) -m venv $(SCANNERS)
	@$(SCANNERS)/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-scan.txt
	@touch $@

lock: ## Pin requirements anew (needs uv)
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --no-strip-extras requirements.in -o requirements.txt
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --no-strip-extras requirements-dev.in -o requirements-dev.txt
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --no-strip-extras requirements-scan.in -o requirements-scan.txt

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "The portal needs Python 3.11 or newer."; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "Python's venv is missing. On Debian and Ubuntu: apt-get install -y python3-venv"; exit 1; }

$(VENV)/.runtime: requirements.txt | $(BIN)/python
	@echo "Setting up (once)…"
	@$(call INSTALL,requirements.txt)
	@touch $@

$(VENV)/.dev: requirements-dev.txt | $(BIN)/python
	@echo "Setting up the test tools (once)…"
	@$(call INSTALL,requirements-dev.txt)
	@touch $@ $(VENV)/.runtime
