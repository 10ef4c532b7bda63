# Everything one does with Tradewind. Needs make and Python 3.11 or newer with venv; `make setup` gets the rest.

PORT ?= 8080
ARGS ?=
PIP := .venv/bin/python -m pip --quiet --disable-pip-version-check
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard bot/locales/*/LC_MESSAGES/*.po))

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup environment demo demo-reset test check bench soak browser counterparts format messages docs lock clean

help: ## what one can make
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{ printf "make %-11s %s\n", $$1, $$2 }' Makefile

demo: setup ## run the demo at http://127.0.0.1:8080 (PORT=… for another port), Ctrl-C to stop
	@trap : INT; .venv/bin/tradewind demo --port "$(PORT)" || [ $$? -eq 130 ]

demo-reset: setup ## forget everything in the demo
	@.venv/bin/tradewind demo --reset

test: setup browser counterparts ## run every test (ARGS="-k lead" for some of them)
	@.venv/bin/pytest --numprocesses logical --maxprocesses 8 --dist worksteal $(ARGS)

soak: setup ## run the deep tests: long, random, once in a while
	@.venv/bin/pytest -m "soak or hypothesis" --hypothesis-profile soak --numprocesses logical $(ARGS)

bench: setup ## measure, as ratios to the bare thing
	@.venv/bin/python -m bench $(ARGS)

check: setup ## hold the house rules: style, types, imports, catalogues, locks, generated docs
	@failed=0; \
	holds() { \
	  remedy=$$1; shift; echo "$$*"; program=$$1; shift; \
	  ".venv/bin/$$program" "$$@" || { echo "=> $$remedy"; failed=1; }; \
	}; \
	holds "change what ruff names; make format mends some of it" ruff check --quiet . ; \
	holds "run: make format" ruff format --check --quiet . ; \
	holds "give the types that mypy asks for" mypy ; \
	holds "imports go one way: see docs/, and [tool.importlinter] in pyproject.toml" lint-imports --no-logo ; \
	holds "mend the messages named above" python -m checks.catalogues ; \
	holds "mend the locks as said above" python -m checks.lock ; \
	holds "mend the page as said above" python -m checks.docs ; \
	exit $$failed

format: setup ## format the code and mend what can be mended by itself
	@.venv/bin/ruff check --quiet --fix-only .
	@.venv/bin/ruff format .

messages: setup ## bring the catalogues up to date with the code, then translate what is new in them
	@.venv/bin/python -m checks.catalogues --write

docs: setup ## write the generated pages of docs/ anew
	@.venv/bin/python -m checks.docs --write

lock: setup ## compile the locks after a change in pyproject.toml (ARGS=--upgrade for the newest versions)
	@.venv/bin/python -m checks.lock --write $(ARGS)
	@$(MAKE) --no-print-directory setup

clean: ## remove what was built, keeping the demo's data
	rm -rf .venv dist build $(CATALOGUES)

setup: environment $(CATALOGUES) ## make .venv from the lock, with tradewind in it

# .venv/.made-from and .venv/.installed-from hold what was read, written last: half a setup is done again.
environment:
	@set -e; \
	if ! { [ -x .venv/bin/python ] && { pwd; cat requirements-dev.lock; } | cmp -s - .venv/.made-from; }; then \
	  for python in python3.11 python3 python3.13 python3.12 none; do \
	    "$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; \
	  done; \
	  if [ "$$python" = none ]; then \
	    echo "Tradewind needs Python 3.11 or newer with venv. On Debian 12: apt-get install python3-venv" >&2; \
	    exit 1; \
	  fi; \
	  echo "Setting up .venv with $$("$$python" --version); this takes a minute or two, once."; \
	  "$$python" -m venv --clear .venv; \
	  $(PIP) install --require-hashes --requirement requirements-dev.lock; \
	  { pwd; cat requirements-dev.lock; } > .venv/.made-from; \
	fi; \
	if ! cat pyproject.toml hatch_build.py | cmp -s - .venv/.installed-from; then \
	  $(PIP) install --no-index --no-deps --no-build-isolation --editable .; \
	  cat pyproject.toml hatch_build.py > .venv/.installed-from; \
	fi

$(CATALOGUES): %.mo: %.po | environment
	@.venv/bin/python -m checks.compiled "$<"

# The browser tests' browser, where one may install it; without it those tests say that they skip.
browser:
	@if command -v chromium > /dev/null; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null; then \
	  echo "Installing Debian's chromium for the browser tests."; \
	  log=$$(mktemp); export DEBIAN_FRONTEND=noninteractive; \
	  if apt-get update > "$$log" 2>&1 && \
	    apt-get install --yes --no-install-recommends chromium fonts-wqy-zenhei >> "$$log" 2>&1; \
	  then rm -f "$$log"; \
	  else echo "That failed ($$log tells why): the browser tests will skip."; fi; \
	else \
	  echo "No chromium here (as root: apt-get install chromium): the browser tests will skip."; \
	fi

# A Slack that somebody else wrote, fetched once through npm into the user's cache; without it its tests skip.
counterparts: environment
	@command -v npm > /dev/null || [ "$$(id -u)" != 0 ] || ! command -v apt-get > /dev/null || \
	  { apt-get update && apt-get install --yes --no-install-recommends npm; } > /dev/null 2>&1 || true
	@.venv/bin/python -m tests.counterparts.local_slack
