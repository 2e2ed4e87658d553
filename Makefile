# `make demo` and `make test` do all the set-up; everything else builds on the same virtual environment.

PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
READY := $(VENV)/.ready

# Byte code is kept, whatever the shell says of it: the tests start hundreds of processes.
export PYTHONDONTWRITEBYTECODE :=

# As many processes as there are cores, but no more than memory has room for torch in each.
PARALLEL := --numprocesses=auto --maxprocesses=8 --dist=worksteal

VERSIONS := 3.11 3.12 3.13
WITHOUT_TORCH := tests/compiler tests/dialects tests/models tests/cli tests/lsp tests/test_cases.py tests/test_rooms.py
# Of a version, from the path or from pyenv; a name alone may be a shim that leads nowhere.
interpreter = $(shell for each in python$(1) "$$HOME"/.pyenv/versions/$(1).*/bin/python; \
	do "$$each" -c "" 2>/dev/null && echo "$$each" && break; done)

.PHONY: demo test types tests test-slow test-pythons test-ranges test-editors test-notebooks test-scale docs docs-pictures site dist conformance demo-eval demo-model vscode vscode-running play play-pictures bench soak fuzz kills clean

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
	$(MAKE) --no-print-directory --jobs=2 types tests

types: $(READY)
	$(RUN) -m pyright --pythonpath $(RUN) --warnings

tests: $(READY)
	$(RUN) -m pytest $(PARALLEL)

test-slow: $(READY)  ## properties with many examples, and whole corpora (tens of minutes)
	$(RUN) -m pytest $(PARALLEL) --thorough --timeout=3600 -m "slow or hypothesis"

test-pythons: $(VERSIONS:%=test-python-%)  ## the compiler's and the server's tests under each Python that is installed

test-python-%:
	$(if $(call interpreter,$*),$(MAKE) --no-print-directory $(VENV)-$*/.ready,@echo "Python $* is not installed: skipped")
	$(if $(call interpreter,$*),$(VENV)-$*/bin/python -m pytest $(PARALLEL) --quiet $(WITHOUT_TORCH))

$(VENV)-%/.ready: pyproject.toml constraints.txt
	$(call interpreter,$*) -m venv $(VENV)-$*
	$(VENV)-$*/bin/python -m pip install --quiet --upgrade "pip>=25.1"
	$(VENV)-$*/bin/python -m pip install --quiet --constraint constraints.txt --editable ".[lsp]" --group tests
	touch $@

test-ranges: test-range-lowest test-range-newest  ## the same tests with the oldest and the newest libraries we take

test-range-%: $(VENV)-%/.ready
	$(VENV)-$*/bin/python -m pytest $(PARALLEL) --quiet $(WITHOUT_TORCH)

$(VENV)-lowest/.ready: LIMITS := --constraint lowest.txt
$(VENV)-newest/.ready: LIMITS := --upgrade
$(VENV)-lowest/.ready $(VENV)-newest/.ready: pyproject.toml lowest.txt
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/python -m pip install --quiet --upgrade "pip>=25.1"
	$(@D)/bin/python -m pip install --quiet $(LIMITS) --editable ".[lsp]" --group tests
	touch $@

docs: $(READY)  ## write the pages and keyword lists that come from the tables
	$(RUN) -m promptlang.reference

docs-pictures: $(READY)  ## draw the pictures of the pages with the bundled model (two minutes); NAMES=tour those of one page
	$(RUN) docs/drawing/pictures.py $(NAMES)

site: $(VENV)/.site  ## build the pages, without a network: build/site/index.html
	$(RUN) -m zensical build --strict
	cp docs/*.md build/site/

$(VENV)/.site: $(READY)
	$(RUN) -m pip install --quiet --group site
	touch $@

test-editors: $(READY)  ## drive real editors: VS Code (after `make vscode-running`), Emacs, our pages in Chromium
	$(MAKE) -C editors/play node_modules/.installed
	$(RUN) -m pytest -m editors tests/editors tests/importers

test-notebooks: $(READY)  ## run `%%prompt` in a notebook, by Jupyter's kernel
	$(RUN) -m pytest --thorough tests/runtime/test_notebook.py

test-scale: $(READY)  ## Ray: a cluster of three nodes here, of which actors, nodes and drivers are killed (minutes)
	$(RUN) -m pip install --quiet --constraint constraints.txt --editable ".[ray]"
	$(RUN) -m pytest -m "scale or not scale" tests/scale

vscode:  ## pack the extension: editors/vscode/promptlang.vsix
	$(MAKE) -C editors/vscode

vscode-running:  ## build the VS Code that `test-editors` drives (npm, a C++ compiler, two minutes)
	$(MAKE) -C editors/vscode/running

play:  ## build the scripts of the page of `promptlang play` after a change to editors/play/src (npm)
	$(MAKE) -C editors/play

play-pictures: $(READY)  ## take the pictures of docs/editors.md and README.md of the page (Chromium, npm, minutes)
	$(MAKE) -C editors/play node_modules/.installed
	$(RUN) -m tests.editors.pictures

dist: $(READY) vscode  ## make what is published, in dist/, and use each as a stranger would (npm; minutes)
	rm -rf dist
	SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) $(RUN) -m build --outdir dist
	cp editors/vscode/promptlang.vsix dist/promptlang-$$($(RUN) -c "from promptlang.version import VERSION; print(VERSION)").vsix
	$(RUN) -m tests.shipped dist --also $(foreach version,$(VERSIONS),$(call interpreter,$(version)))

conformance: $(READY)  ## compare every dialect with what its owner's own code answers
	$(RUN) -m tests.conformance $(VECTORS)
	$(RUN) -m tests.conformance.sampling $(VECTORS)

demo-eval: $(READY)  ## measure the bundled model; PROMPTS=file.jsonl draws others
	$(RUN) -m training.demo_model.evaluate $(if $(PROMPTS),--prompts $(PROMPTS))

demo-model: $(READY)  ## train the bundled model again from nothing (hours on a CPU, minutes on a GPU)
	$(RUN) -m training.demo_model

bench: $(READY)  ## the speed tables, each beside a peer in the same run
	$(RUN) -m pip install --quiet --no-deps compel pyparsing dynamicprompts
	$(RUN) -m benchmarks.check
	$(RUN) -m benchmarks.parse
	$(RUN) -m benchmarks.render
	$(RUN) -m benchmarks.encode
	$(RUN) -m benchmarks.on_gpu
	$(RUN) -m benchmarks.batched
	$(RUN) -m benchmarks.watch
	$(RUN) -m benchmarks.sampling
	$(RUN) -m benchmarks.scale
	$(RUN) -m benchmarks.on_ray
	$(RUN) -m benchmarks.serve
	$(RUN) -m benchmarks.from_pictures
	$(RUN) -m benchmarks.lsp
	$(RUN) -m benchmarks.growth  # --page "the machine" writes docs/growth.md

soak: $(READY)  ## an hour of typing against the language server, replayed quickly (about two minutes)
	$(RUN) -m benchmarks.soak

SECONDS ?= 60
fuzz: $(READY)  ## feed odd inputs to everything that reads any, for SECONDS=60; led by coverage where atheris runs
	$(RUN) -m pip install --quiet --group fuzz || echo "without atheris the grammars lead alone"
	$(RUN) -m tests.fuzz --seconds $(SECONDS)

COUNT ?= 200
kills: $(READY)  ## kill fmt, check --fix, check --write-baseline and render COUNT=200 times, fill the disk half as often, and compare what is there
	$(RUN) -m tests.kills --count $(COUNT)

clean:
	rm -rf build dist *.egg-info examples/out
