# make run | demo | test | check | fix | model | bench-* | torture | clean
# A fresh clone, Python 3.10+ and make are all that is needed.

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python3.10 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null && { echo $$p; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
SMALL_MODEL := qwen2.5-coder-0.5b-instruct
DEMO_MODEL ?= qwen2.5-coder-1.5b-instruct

.DEFAULT_GOAL := help
.PHONY: help run demo test check fix model verify test-export build-dataset bench-startup bench-generation bench-ingestion bench-detection bench-tokens \
	bench-validate bench-export bench-packing bench-dedup bench-quality bench-web-actions verify-formats verify-exports tokenizers torture chaos bench-scale test-servers test-ray clean

help:
	@echo "make run     open the menu"
	@echo "make demo    documents to dataset on the bundled samples, no API key needed (DEMO_MODEL=$(SMALL_MODEL): smaller)"
	@echo "make test    every test"
	@echo "make check   ruff, ruff format, mypy --strict"
	@echo "make fix     let ruff repair what it can"
	@echo "make model   fetch the embedded model (MODEL=$(SMALL_MODEL) for the small one)"
	@echo "make verify  every stage on the bundled samples, checked, in a table"
	@echo "make test-export  an export of the samples in every format, verified, in build/test-export"
	@echo "make build-dataset DATASET=train.jsonl   pack it (PACKED_DATASET=OUT COMPRESSION=lz4|zstd|none) and verify what came out"
	@echo "make test-servers  a Supabase-compatible server from npm, so that no test of the databases is skipped (Node 20)"
	@echo "make test-ray   the engine's tests on a real Ray cluster of two nodes (214 MB, 2 minutes)"
	@echo "make tokenizers   fetch Gemini's tokenizer (57 MB, once), so that its counts are exact"
	@echo "make bench-startup   how fast the menu is on screen"
	@echo "make bench-generation   many calls at once, faults, rate limits, kills and budgets against a stub (7 minutes)"
	@echo "make bench-ingestion   pages and MB per second beside the plain libraries, fidelity, isolation, memory (10 minutes)"
	@echo "make bench-detection   how well conversations are found, on labelled files in every format (3 minutes)"
	@echo "make bench-tokens   how fast and how exactly tokens are counted, beside the fastest engines (3 minutes)"
	@echo "make bench-validate   a 1 GB file checked: MB per second and memory (4 minutes)"
	@echo "make bench-export   splits, databases and every format with 1,000,000 samples beside the raw libraries (1 hour)"
	@echo "make bench-packing   packed datasets beside JSON lines, raw decoders and other containers (15 minutes)"
	@echo "make bench-dedup   near-duplicates: recall, precision, CPU and memory beside datasketch and rensa (8 minutes)"
	@echo "make bench-quality   personal data and keys: what is found and taken out, on labelled texts of ten locales (5 minutes)"
	@echo "make bench-web-actions   100,000 recorded browser steps to a dataset: speed beside the HTML parser alone, memory (15 minutes)"
	@echo "make verify-formats   what we write, in front of the official checkers, each in its own environment (first run:"
	@echo "                      5 minutes and 4 GB, more with CUDA torch; LIGHT=1 leaves the trainers out)"
	@echo "make verify-exports   one export in every format, opened by the libraries users have, each in its own environment;"
	@echo "                      writes docs/formats.md (first run: 10 minutes and 5 GB; LIGHT=1 leaves torch and TensorFlow out)"
	@echo "make torture   200 kills at random moments, each resumed to its end (7 minutes)"
	@echo "make chaos   200 kills over all stages of background jobs, full disks, locks, clock jumps, a dead provider, Ctrl-C"
	@echo "             twice; each brought to the end of an undisturbed run (30 minutes; POINTS=40: fewer kills)"
	@echo "make bench-scale   10,000 documents and 1,000,000 samples: time and memory beside a tenth of them, menu (1 hour;"
	@echo "             SAMPLES=100000: smaller)"
	@echo "make clean   remove .venv and caches; datasets and databases stay"

run: $(VENV)/.run
	@$(BIN)/python -m src.main

# The embedded model, whatever keys are set: the demo never spends money.
demo: $(VENV)/.run
	@AGENT_PROVIDER=local AGENT_MODEL=$(DEMO_MODEL) $(BIN)/python -m src.main run \
		--config context_files/demo_config.yaml --input context_files/samples --yes

# On all cores; those of one file on the same one, for they share servers.
test: $(VENV)/.dev
	@$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile

check: $(VENV)/.dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

fix: $(VENV)/.dev
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

model: $(VENV)/.run
	@$(BIN)/python -m src.main model $(MODEL)

tokenizers: $(VENV)/.run
	@$(BIN)/python -m src.main tokenizers

verify: $(VENV)/.run
	@$(BIN)/python -m src.main verify-pipeline

TEST_EXPORT := build/test-export
TEST_FORMATS := jsonl,json,csv,parquet,huggingface,tfrecord,pytorch,openai-chat,vertex-chat,mistral-chat,sharegpt

# What the workflow in .github keeps: a run on the samples, all formats, the manifest checked, the QA report.
test-export: $(VENV)/.run
	@rm -rf $(TEST_EXPORT) && mkdir -p $(TEST_EXPORT)
	@$(BIN)/python -m src.main run --input context_files/samples --mode identify --provider llama --name samples --yes \
		--db $(TEST_EXPORT)/datasets.db --output $(TEST_EXPORT)
	@$(BIN)/python -m src.main export samples --formats $(TEST_FORMATS) --db $(TEST_EXPORT)/datasets.db --output $(TEST_EXPORT)
	@for folder in $(TEST_EXPORT)/samples/v*; do $(BIN)/python -m src.main verify $$folder || exit 1; done
	@$(BIN)/python -m src.main qa samples --input context_files/samples --db $(TEST_EXPORT)/datasets.db \
		--report $(TEST_EXPORT)/qa
	@echo "all of it is in $(TEST_EXPORT)"

# Servers of npm for the tests that are skipped without them.
test-servers: $(VENV)/.dev
	@npm install --silent --no-audit --no-fund --prefix $(VENV)/node @supabase/lite@0.10.0 postgres@3

# Ray is 214 MB: only these tests ask for it, and are skipped without it.
test-ray: $(VENV)/.dev
	@$(PIP) install -q -r requirements-ray.txt
	@$(BIN)/python -m pytest tests/pipeline/engine

bench-startup: $(VENV)/.run
	@$(BIN)/python -m benchmarks.startup

bench-generation: $(VENV)/.dev
	@$(BIN)/python -m benchmarks.generation

bench-ingestion: $(VENV)/.dev
	@$(BIN)/python -m benchmarks.ingestion

bench-detection: $(VENV)/.dev
	@$(BIN)/python -m benchmarks.detection

bench-tokens: $(VENV)/.dev
	@$(BIN)/python -m benchmarks.tokens

bench-validate: $(VENV)/.dev
	@$(BIN)/python -m benchmarks.validate

bench-export: $(VENV)/.dev
	@$(BIN)/python -m benchmarks.export

# make build-dataset DATASET=train.jsonl PACKED_DATASET=train.jsonl.zst COMPRESSION=zstd
build-dataset: $(VENV)/.run
	@$(BIN)/python -m src.main pack $(DATASET) $(PACKED_DATASET) --compression $(or $(COMPRESSION),lz4) --validate

bench-packing: $(VENV)/.dev
	@$(BIN)/python -m benchmarks.packing

bench-dedup: $(VENV)/.dev
	@$(BIN)/python -m benchmarks.dedup --million

bench-quality: $(VENV)/.dev
	@$(BIN)/python -m benchmarks.quality

bench-web-actions: $(VENV)/.dev
	@$(BIN)/python -m benchmarks.web_actions

verify-formats: $(VENV)/.dev
	@$(BIN)/python -m benchmarks.verify_formats $(if $(LIGHT),,--heavy)

verify-exports: $(VENV)/.dev
	@$(BIN)/python -m benchmarks.verify_exports $(if $(LIGHT),--light,)

torture: $(VENV)/.dev
	@$(BIN)/python -m benchmarks.generation.torture

chaos: $(VENV)/.dev
	@$(BIN)/python -m benchmarks.chaos $(if $(POINTS),--points $(POINTS),)

bench-scale: $(VENV)/.dev
	@$(BIN)/python -m benchmarks.scale $(if $(SAMPLES),--samples $(SAMPLES),)

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamps are newer than the requirements only after an install that succeeded.
$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.10 or newer is needed; none was found on the PATH." >&2; exit 2; }
	@echo "creating $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.txt | $(VENV)/bin/python
	@echo "installing what requirements.txt lists (about a minute, once)"
	@$(PIP) install -q -r requirements.txt
	@$(PIP) install -q --ignore-requires-python "ctok>=1.3,<1.4" || echo "ctok: not installed, Claude's tokens are estimated"
	@$(BIN)/python -m src.main tokenizers || echo "Gemini's tokens are estimated until make tokenizers succeeds"
	@touch $@

$(VENV)/.dev: requirements-dev.txt requirements-cloud.txt requirements-postgres.txt requirements-supabase.txt $(VENV)/.run
	@$(PIP) install -q -r requirements-dev.txt -r requirements-cloud.txt -r requirements-postgres.txt -r requirements-supabase.txt
	@touch $@
