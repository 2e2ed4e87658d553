# `make demo` and `make test` do all the set-up; everything else builds on the same virtual environment.

PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
READY := $(VENV)/.ready

.PHONY: demo test test-editors docs conformance demo-eval demo-model vscode vscode-running play bench soak clean

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(RUN) -m pip install --quiet --upgrade "pip>=25.1"
	$(RUN) -m pip install --quiet --constraint constraints.txt torch
	$(RUN) -m pip install --quiet --constraint constraints.txt --editable ".[all]" --group dev
	touch $(READY)

demo: $(READY)  ## render examples/ with the bundled model
	$(RUN) -m promptlang check --exit-zero examples/flawed.prompt
	$(RUN) -m promptlang render --out examples/out examples/first.prompt examples/weights.prompt examples/clip-skip.prompt examples/recipes.prompt examples/concepts.prompt

test: $(READY)  ## format, lint, types, tests
	$(RUN) -m ruff format --check --quiet
	$(RUN) -m ruff check --quiet
	$(RUN) -m pyright --pythonpath $(RUN) --warnings
	$(RUN) -m pytest

docs: $(READY)  ## write the pages and keyword lists that come from the tables
	$(RUN) -m promptlang.reference

test-editors: $(READY) play  ## drive real editors: VS Code (after `make vscode-running`), Emacs, the page in Chromium
	$(RUN) -m pytest -m editors tests/editors

vscode:  ## pack the extension: editors/vscode/promptlang.vsix
	$(MAKE) -C editors/vscode

vscode-running:  ## build the VS Code that `test-editors` drives (npm, a C++ compiler, two minutes)
	$(MAKE) -C editors/vscode/running

play: $(READY)  ## build the editor part of the page of `promptlang play`
	$(MAKE) -C editors/play

conformance: $(READY)  ## compare every dialect with what its owner's own code answers
	$(RUN) -m tests.conformance $(VECTORS)

demo-eval: $(READY)  ## measure the bundled model; PROMPTS=file.jsonl draws others
	$(RUN) -m training.demo_model.evaluate $(if $(PROMPTS),--prompts $(PROMPTS))

demo-model: $(READY)  ## train the bundled model again from nothing (hours on a CPU, minutes on a GPU)
	$(RUN) -m training.demo_model

bench: $(READY)  ## the speed tables, each beside a peer in the same run
	$(RUN) -m pip install --quiet --no-deps compel pyparsing dynamicprompts
	$(RUN) -m benchmarks.check
	$(RUN) -m benchmarks.parse
	$(RUN) -m benchmarks.render
	$(RUN) -m benchmarks.lsp

soak: $(READY)  ## an hour of typing against the language server, replayed quickly (about two minutes)
	$(RUN) -m benchmarks.soak

clean:
	rm -rf build dist *.egg-info examples/out
