# make sheet: install into .venv and write the sheets of problems/ to output/
# make test:  install into .venv and run the tests
# Both need Python 3.11 or later and nothing else. PYTHON=python3.12 make test chooses another one.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
endif
STAMP := $(VENV)/.installed

.PHONY: sheet test lint bench clean

sheet: $(STAMP)
	$(BIN)/derivations solve problems -o output

test: $(STAMP)
	$(BIN)/python -m pytest -n auto

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(STAMP)
	$(BIN)/python -m benchmarks

$(STAMP): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[tex,dev]'
	@touch $(STAMP)

clean:
	rm -rf $(VENV) output/*.pdf output/*.tex .pytest_cache .mypy_cache .ruff_cache
