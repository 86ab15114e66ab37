# `make` lists the verbs. Nothing is needed but make and python3 (3.11 or newer) with pip.

PYTHON ?= python3
PY := .venv/bin/python
export PIP_DISABLE_PIP_VERSION_CHECK = 1
export PIP_USER = 0

# In all processes that fit, unless it is a few tests that are asked for.
pytest = -m pytest $(if $(k)$(findstring tests/,$(args)),,-n auto --dist worksteal) $(if $(k),-k "$(k)") $(args)
private_postgres = $(PY) -m tests.infrastructure.postgres

.DEFAULT_GOAL := help
.PHONY: help run test nightly check lint types migrations format bench secret-scan chaos chaos-control stateful mutation-test seed reset screenshots docs lock venv-runtime venv-dev

help: ## list the verbs
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: venv-runtime ## start the site here, with everything it needs; Ctrl-C stops it (PORT=8080 to choose the port)
	@exec $(PY) manage.py run --stop-with-parent

test: venv-dev ## run the tests of each commit (db=postgres, k=WORDS, cov=1, args="-n 0 -x --lf")
ifeq ($(db),postgres)
	@echo "Testing on a private PostgreSQL ..."
	@$(private_postgres) $(PY) $(if $(cov),-m coverage run) $(pytest)
else ifeq ($(db),)
	@echo "Testing on SQLite ..."
	@$(PY) $(if $(cov),-m coverage run) $(pytest)
else
	$(error db=$(db) is not known; use db=postgres, or leave it out for SQLite)
endif
ifneq ($(cov),)
	@$(PY) -m coverage combine --quiet && $(PY) -m coverage report
endif

nightly: venv-dev ## run everything, for hours, and print one table (args="PART ...", --help)
	@$(PY) -m tests.nightly $(args)

check: lint types migrations ## what must hold before a commit: lint, types, no forgotten migration

lint: venv-dev ## ruff and djlint: rules and layout
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m djlint templates --lint --quiet

types: venv-dev ## mypy, strict
	@$(PY) -m mypy

migrations: venv-dev
	@ENV_FILE= $(PY) manage.py makemigrations --check --dry-run --settings tests.settings

format: venv-dev ## rewrite the code as ruff lays it out
	@$(PY) -m ruff check --fix --quiet . || true
	@$(PY) -m ruff format .

bench: venv-dev ## measure; prints the table that README quotes (a few minutes)
	@$(PY) -m tests.bench $(args)

chaos: venv-dev ## kill processes under load, then compare three books (DB=pg API=v2 N=1000 SEEDS=1..3 FAULTS=redis,pg LATE=1)
	@$(PY) -m tests.chaos $(chaos_words)

chaos-control: venv-dev ## the same random faults over a task as tutorials write it, which must break
	@$(PY) -m tests.chaos naive $(chaos_words)

# Only what was typed: a variable of the shell that happens to be called N or DB says nothing here. KEY is a secret's
# stand-in and goes through the environment, as a real one does.
chaos_words = $(foreach name,DB API N SEEDS FAULTS LATE,$(if $(filter command line,$(origin $(name))),'$(name)=$($(name))'))
chaos chaos-control: export CHAOS_KEY = $(if $(filter command line,$(origin KEY)),$(KEY))

secret-scan: venv-dev ## run everything with a fresh key, then search every place for it (args="--without-suite", --help)
	@$(PY) -m tests.secret_scan $(args)

stateful: venv-dev ## play thousands of drawn stories and check the books after every step (args="--steps 50000 --seed 7")
	@$(PY) -m tests.stateful $(args)

mutation-test: venv-dev ## plant design errors; the stories must find every one (args="NAME ..." for some of them)
	@$(PY) -m tests.stateful --mutants $(args)

seed: venv-runtime ## make the demo team and its gallery
	@$(PY) manage.py seed_demo $(args)

reset: ## stop the site and delete its data, after asking (yes=1 does not ask)
	@if [ -x $(PY) ]; then exec $(PY) manage.py reset $(if $(yes),--yes); else echo "Nothing was ever started here."; fi

screenshots: venv-dev ## write a picture of each page into var/screenshots (needs Chromium; args="gallery credits" for some)
	@$(PY) -m tests.e2e.screenshots $(args)

docs: venv-runtime ## write docs/parameters.md from the schemas, and the table of layers
	@$(PY) manage.py write_parameter_docs
	@$(PY) -m tests.architecture

lock: venv-dev ## resolve requirements/*.txt again from pyproject.toml (upgrade=1 takes newer versions)
	@$(compile) -o requirements/runtime.txt
	@$(compile) --extra postgres -c requirements/runtime.txt -o requirements/production.txt
	@$(compile) --extra dev -c requirements/production.txt -o requirements/dev.txt

compile = $(PY) -m uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate $(if $(upgrade),--upgrade)

# .venv is current when it holds a copy of the list it was made from; dev and production contain runtime with the same
# versions. Which of both the site needs is said by its settings: PostgreSQL has a driver of its own.
venv-runtime:
	@list=$$($(PYTHON) hidream_site/env_file.py 2>/dev/null || echo runtime); \
	cmp -s requirements/runtime.txt .venv/installed-runtime.txt && $(PY) -c '' 2>/dev/null \
		&& { [ $$list = runtime ] || cmp -s requirements/$$list.txt .venv/installed-$$list.txt \
			|| cmp -s requirements/dev.txt .venv/installed-dev.txt; } || { $(call install,$$list,20); }

venv-dev:
	@cmp -s requirements/dev.txt .venv/installed-dev.txt && cmp -s requirements/runtime.txt .venv/installed-runtime.txt \
		&& $(PY) -c '' 2>/dev/null || { $(call install,dev,60); }

# pip from outside the environment saves the seconds that putting pip into it takes; without one, ensurepip does it.
define install
	set -e; \
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "$(PYTHON) is missing or older than 3.11. Install Python 3.11 or newer, or name one: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }; \
	echo "Installing requirements/$(1).txt into .venv (about $(2) seconds, only when it has changed) ..."; \
	if $(PYTHON) -m pip --version >/dev/null 2>&1; then \
		$(PY) -c '' 2>/dev/null || $(PYTHON) -m venv --clear --without-pip .venv; \
		$(PYTHON) -m pip --python $(PY) install -qq --require-hashes -r requirements/$(1).txt; \
	else \
		$(PY) -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv; \
		$(PY) -m pip install -qq --require-hashes -r requirements/$(1).txt; \
	fi; \
	cp requirements/runtime.txt .venv/installed-runtime.txt; \
	cp requirements/$(1).txt .venv/installed-$(1).txt
endef
