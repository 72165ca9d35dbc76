# Everything a newcomer needs: `make report`, `make test`, `make lab`.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check

.PHONY: help setup report figures test lint types test-peers test-lowest calibration mutants fuzz bench docs lab clean
.DEFAULT_GOAL := help

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(VENV)/.core: pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet --editable .
	@touch $@

$(VENV)/.dev: pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet --editable '.[dev]'
	@touch $@ $(VENV)/.core

$(VENV)/.jupyter: pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet --editable '.[jupyter]'
	@touch $@ $(VENV)/.core

$(VENV)-peers/.peers: pyproject.toml
	@test -x $(VENV)-peers/bin/python || $(PYTHON) -m venv $(VENV)-peers
	$(VENV)-peers/bin/python -m pip --disable-pip-version-check install --quiet --editable '.[dev,peers]'
	@touch $@

$(VENV)-lowest/.lowest: pyproject.toml tests/lowest.txt
	@test -x $(VENV)-lowest/bin/python || $(PYTHON) -m venv $(VENV)-lowest
	$(VENV)-lowest/bin/python -m pip --disable-pip-version-check install --quiet --constraint tests/lowest.txt --editable '.[dev]'
	@touch $@

$(VENV)-docs/.docs: pyproject.toml
	@test -x $(VENV)-docs/bin/python || $(PYTHON) -m venv $(VENV)-docs
	$(VENV)-docs/bin/python -m pip --disable-pip-version-check install --quiet 'mkdocs-material>=9.5' 'mkdocstrings[python]>=0.27'
	@touch $@

docs: $(VENV)-docs/.docs  ## the documentation as a site in build/site; a broken link is an error
	$(VENV)-docs/bin/mkdocs build --quiet

setup: $(VENV)/.dev  ## create .venv with everything that developing needs

report: $(VENV)/.core  ## read the example logs, print the verdicts, write figures/ and report.html
	$(BIN)/baserate report data/example-logs --outcome blackmail --across version -o .

test: $(VENV)/.dev lint types  ## lint, types and all tests
	$(BIN)/python -m pytest -n auto

lint: $(VENV)/.dev  ## ruff
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev  ## mypy --strict
	$(BIN)/mypy

test-peers: $(VENV)-peers/.peers  ## the tests that need inspect-ai and firthmodels
	$(VENV)-peers/bin/python -m pytest -m peers -n auto

test-lowest: $(VENV)-lowest/.lowest  ## all tests against the lowest allowed versions
	$(VENV)-lowest/bin/python -m pytest -n auto -m "not notebooks and not package and not peers"

calibration: $(VENV)/.dev  ## coverage and size over the whole grid, into docs/ (about twenty minutes)
	$(BIN)/python tests/calibration/study.py --full
	$(BIN)/python tests/calibration/model_study.py

mutants: $(VENV)/.dev  ## put one-line faults in, and name those that no test notices (about ten minutes)
	$(BIN)/python tests/mutants/run.py

fuzz: $(VENV)/.dev  ## read 20,000 damaged logs, each run accounted for (about ten minutes)
	$(BIN)/python tests/fuzz/run.py

bench: $(VENV)/.dev $(VENV)-peers/.peers  ## time against statsmodels, scipy, pandas and Inspect, answers side by side
	$(BIN)/python tests/bench/bench.py
	$(BIN)/python tests/bench/fitting.py
	$(VENV)-peers/bin/python tests/bench/reading.py

lab: $(VENV)/.jupyter  ## open the notebooks in JupyterLab
	$(BIN)/jupyter lab notebooks

clean:  ## remove what the other targets made
	rm -rf $(VENV) $(VENV)-peers $(VENV)-lowest report.html build dist .mypy_cache .ruff_cache .pytest_cache
