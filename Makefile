# make crawl               the example newspaper (served on loopback for the run), crawled
# make crawl URL=https://example.org/ [ARGS="--max-pages 50"]
# make test | lint | types | clean        tests run in two processes a core: they wait for slow sites more than they work
# make recipes            the recipes of docs/reading.md, with the libraries that they are for (installed into .venv)
# make kills                crawls that are killed in every way: 220 kills while 500 articles come out (20 minutes)
# make incremental         what later crawls of an unchanged site ask for
# make fuzz [ARGS="--target feed"]    what parses strangers' bytes, fed with odd ones: 200,000 of each driver (hours)
# make drift               how often drift alarms are false and how soon they notice, on simulated sources (half an hour)
# make quality | cost       extraction on real pages, where ../shared/bench is: how good, at what CPU a page

# The first Python that is new enough; make PYTHON=/path/to/python takes another.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
URL ?=
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help crawl test lint types recipes kills quality cost incremental drift fuzz clean

help:
	@sed -n 's/^# \(make\)/\1/p' Makefile

crawl: $(READY)
ifeq ($(strip $(URL)),)
	@$(BIN)/python -m tests.newspaper -- --data data/example $(ARGS)
else
	@$(BIN)/dateline crawl $(URL) $(ARGS)
endif

test: $(READY)
	$(BIN)/python -m pytest -q -n $(shell $(PYTHON) -c 'import os; print(2 * (os.cpu_count() or 1))') $(ARGS)

lint: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(READY)
	$(BIN)/mypy

recipes: $(READY)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -r tests/recipes/requirements.txt
	DATELINE_RECIPES=all $(BIN)/python -m pytest -q tests/test_recipes.py $(ARGS)

kills: $(READY)
	@$(BIN)/python -m benchmarks.kills $(ARGS)

quality: $(READY)
	$(BIN)/python -m benchmarks.quality $(ARGS)

cost: $(READY)
	$(BIN)/python -m benchmarks.cost --profile $(ARGS)

incremental: $(READY)
	$(BIN)/python -m benchmarks.incremental $(ARGS)

drift: $(READY)
	$(BIN)/python -m benchmarks.drift $(ARGS)

fuzz: $(READY)
	@$(BIN)/python -c 'import atheris' 2>/dev/null || \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check -r benchmarks/fuzzing/requirements.txt
	@$(BIN)/python -m benchmarks.fuzz $(ARGS)

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis

# The environment: made once, brought up to date when what it is made of has changed.
$(READY): requirements.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "make: no Python 3.11 or newer was found; install one, or name it: make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "make: $(PYTHON) is not Python 3.11 or newer; name one that is: make PYTHON=/path/to/python3" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "make: $(PYTHON) cannot make a virtual environment; its venv module is missing (on Debian and Ubuntu: apt install python3-venv)" >&2; exit 1; }
	@echo "preparing $(VENV) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -r requirements.txt
	@PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@
