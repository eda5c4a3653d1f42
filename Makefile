# Foyer: the commands of README.md. They need python3 (3.11 or newer, with venv), make and the package index.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN_SET := $(VENV)/.installed-run
DEV_SET := $(VENV)/.installed-dev
CATALOGUES := $(wildcard locale/*/LC_MESSAGES/django.po)
COMPILED := $(CATALOGUES:.po=.mo)
TEST_PROCESSES ?= auto
NODE := tests/interop/node
NODE_SET := $(NODE)/node_modules/.installed

.PHONY: install run test check serve bench bad-days coverage interop chromium clean

install: $(RUN_SET) $(COMPILED) ## What `make serve` and manage.py need

run: $(RUN_SET) $(COMPILED) ## The demo: portal, providers, Cognito emulator, PostgreSQL
	@exec $(BIN)/python manage.py demo

test: $(DEV_SET) $(COMPILED) chromium ## Every test
	$(BIN)/python -m pytest -n $(TEST_PROCESSES) --dist loadgroup $(TEST_OPTIONS)

check: $(DEV_SET) $(COMPILED) ## Lint, format, types, layers, migrations, templates, settings
	@PATH="$(CURDIR)/$(BIN):$$PATH" sh config/check.sh

serve: $(RUN_SET) $(COMPILED) ## The production server, from the environment
	@$(BIN)/python -m config.collect
	@exec $(BIN)/python -m gunicorn --config config/gunicorn.py config.wsgi

bench: $(DEV_SET) $(COMPILED) ## The benchmark's table
	$(BIN)/python -m bench

bad-days: $(DEV_SET) $(COMPILED) ## Days on which something goes wrong; DAYS="deploy ..." for some
	$(BIN)/python -m bench.bad_days $(DAYS)

coverage: $(DEV_SET) $(COMPILED) ## Branch coverage where it has to be whole
	$(BIN)/python -m coverage erase
	$(BIN)/python -m coverage run -m pytest -n $(TEST_PROCESSES) --dist loadgroup tests/oidc tests/federation tests/tokens
	$(BIN)/python -m coverage combine --quiet
	$(BIN)/python -m coverage report

interop: $(DEV_SET) $(COMPILED) $(NODE_SET) ## Sign-ins at providers in Node.js: needs node 20.19 or newer, npm and its registry
	$(BIN)/python -m pytest -m interop tests/interop $(TEST_OPTIONS)

clean: ## Everything that was made here, the demo's data included
	@if [ -x $(BIN)/python ]; then $(BIN)/python -m demo.postgres.remove; fi
	rm -rf $(VENV) $(NODE)/node_modules var .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage .coverage.*
	rm -f $(COMPILED)

chromium:
	@sh tests/support/chromium.sh

$(RUN_SET): requirements/run.txt
	@sh config/install.sh "$(PYTHON)" $(VENV) requirements/run.txt
	@touch $@

$(DEV_SET): requirements/dev.txt
	@sh config/install.sh "$(PYTHON)" $(VENV) requirements/dev.txt
	@touch $@ $(RUN_SET)

$(NODE_SET): $(NODE)/package-lock.json
	cd $(NODE) && npm ci --no-progress
	@touch $@

%.mo: %.po
	@$(BIN)/pybabel --quiet compile --input-file $< --output-file $@
