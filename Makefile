PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help install fetch run chat test lint format train evaluate bench clean

help:  ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 12

.venv/installed: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Aisle needs Python 3.11 or newer: make run PYTHON=python3.11")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet torch==2.13.0
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	touch $@

install: .venv/installed  ## the environment in .venv
fetch: install  ## the base model and the embeddings, into the cache
	$(BIN)/aisle fetch
run: install  ## the shop, the assistant and its weights, on http://127.0.0.1:7860
	HF_HUB_OFFLINE=1 $(BIN)/aisle up
chat: install  ## talk in the terminal
	HF_HUB_OFFLINE=1 $(BIN)/aisle chat
test: lint fetch  ## all that CI runs, fast tests first
	HF_HUB_OFFLINE=1 $(BIN)/python -m pytest --numprocesses 3 --dist loadfile
lint: install  ## ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
format: install  ## mend what ruff can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
train: fetch  ## an adapter from the examples, into runs/adapter (one to two hours on two cores)
	$(BIN)/aisle train --out runs/adapter --test tests/held_out/shoppers.jsonl
evaluate: fetch  ## the shipped adapter on the held-out messages
	$(BIN)/aisle evaluate tests/held_out/shoppers.jsonl
bench: fetch  ## how long a turn takes, for 1 to 64 shoppers, beside plain transformers (five minutes)
	HF_HUB_OFFLINE=1 $(BIN)/aisle bench --out runs/bench
clean:  ## the environment and what was made, but for databases
	rm -rf .venv build *.egg-info runs .pytest_cache .mypy_cache .ruff_cache .hypothesis
