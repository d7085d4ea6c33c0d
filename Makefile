# Two commands do everything: `make run` and `make test`. `make check` is the gate that CI runs.
.DEFAULT_GOAL := help
VENV := .venv
PY := $(VENV)/bin/python
PYTHON ?= python3
PORT ?= 8000
DATA_DIR ?= .local
PYTEST_ARGS ?= -n auto --dist loadgroup
export PORT DATA_DIR

# As on a server, whatever runs on this machine: nothing local, and no database to ask.
AS_DEPLOYED = env HTTPS=True LOCAL_SERVICES=False DATA_DIR=/nonexistent DATABASE_URL=postgresql://127.0.0.1:1/none \
	SECRET_KEY="$$($(PY) -c 'import secrets; print(secrets.token_urlsafe(48))')"

.PHONY: help setup run test check format lock

help: ## what can be asked for
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(VENV)/.locked ## make .venv from requirements.lock, hashes checked

$(VENV)/.locked: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed; set PYTHON=")'
	@test ! -L $(VENV) || { echo "$(VENV) is a link: its target would be emptied; remove the link"; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

run: setup ## start everything that is not configured, then open the printed address
	@exec $(PY) manage.py up

test: setup ## the whole test suite, browser tests included
	$(PY) -m pytest $(PYTEST_ARGS)

check: setup ## the one gate: format, lint, types, layers, migrations, deploy check, lock, tests
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy
	$(VENV)/bin/lint-imports
	$(AS_DEPLOYED) $(PY) -W "ignore:Got an error checking" manage.py makemigrations --check --dry-run
	$(AS_DEPLOYED) $(PY) manage.py check --deploy --fail-level WARNING
	$(MAKE) test

format: setup ## format and fix what can be fixed
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix .

lock: ## renew requirements.lock from pyproject.toml (needs uv)
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet -o requirements.lock
