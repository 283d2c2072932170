# Two commands for a newcomer: `make demo` and `make test`. Both keep their environment in .venv.
PYTHON ?= python3
BIN := .venv/bin
JOBS ?= 2

.PHONY: help demo test test-long fuzz check docs bless bench requirements clean

help:
	@echo "make demo          build the synthetic samples and scan them"
	@echo "make test          every check, as CI runs them"
	@echo "make test-long     full sizes, thousands of mutants"
	@echo "make fuzz TARGET=name  one parser, without end; needs atheris, which is not installed with the rest"
	@echo "make bless         rewrite the golden expectations and print what changed"
	@echo "make docs          write the generated pages and build the documentation"
	@echo "make bench         speed and memory as ratios, beside oletools; FILES=folder for files of your own"

.venv/.ready: requirements-dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "emotriage needs Python 3.11 or later"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || { rm -rf .venv; echo "the venv module is missing: apt install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q src  # confined workers can't write byte code
	@touch $@

demo: .venv/.ready
	@rm -rf demo
	@echo "Building the synthetic samples (all inert) into demo/, a 520 MB one included ..."
	@$(BIN)/emotriage samples demo --giants
	@echo "Scanning them ..."
	@$(BIN)/emotriage scan demo; code=$$?; test $$code -le 30

check: .venv/.ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python docs/generate.py --check
	$(BIN)/sphinx-build -q -W --keep-going -b html docs docs/_build/html

test: check
	@$(BIN)/python -m compileall -q src  # as above: workers would compile what was edited again and again
	$(BIN)/pytest -n $(JOBS) --dist worksteal -q

test-long: check
	@$(BIN)/python -m compileall -q src
	$(BIN)/pytest -n $(JOBS) --dist worksteal -q -m "long or not long"

fuzz: .venv/.ready
	@$(BIN)/python -c 'import atheris' 2>/dev/null || { echo "atheris is missing: $(BIN)/python -m pip install atheris"; exit 1; }
	PYTHONPATH=tests $(BIN)/python tests/fuzz/targets.py "$(TARGET)" $(FUZZ)

bless: .venv/.ready
	$(BIN)/python tests/samples/golden.py --bless

docs: .venv/.ready
	$(BIN)/python docs/generate.py
	$(BIN)/sphinx-build -q -W --keep-going -b html docs docs/_build/html

bench/.venv/.ready: bench/requirements.txt
	@test -x bench/.venv/bin/python || $(PYTHON) -m venv bench/.venv
	bench/.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r bench/requirements.txt
	@touch $@

bench: .venv/.ready bench/.venv/.ready
	$(BIN)/python bench/giants.py
	bench/.venv/bin/python -m compileall -q src  # as an installer does: confined workers write no byte code
	PYTHONPATH=src bench/.venv/bin/python bench/peers.py $(FILES)
	$(if $(FILES),PYTHONPATH=src bench/.venv/bin/python bench/readers.py $(FILES))

requirements: .venv/.ready
	$(BIN)/uv pip compile --quiet --generate-hashes --no-header --group dev pyproject.toml -o requirements-dev.txt
	$(BIN)/uv pip compile --quiet --generate-hashes --no-header pyproject.toml bench/requirements.in -o bench/requirements.txt

clean:
	rm -rf .venv bench/.venv demo docs/_build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
