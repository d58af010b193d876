# Every target makes the environment it needs: a fresh machine wants only make and Python 3.11 or later.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

export PYTHON BROWSER
# Where it is set, every process compiles what it imports anew: six seconds each, and the tests start hundreds.
unexport PYTHONDONTWRITEBYTECODE
# A file stays on one core, so that what its tests share is made once.
PYTEST := .venv-test/bin/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile
SOURCES := src tests $(wildcard benchmarks)
EDITABLE := -m pip install --quiet --disable-pip-version-check --no-compile --no-deps --no-build-isolation --editable .

# BROWSER=none leaves the browser tests out; BROWSER=/path/to/chromium names a browser
BROWSER ?=
ifeq ($(BROWSER),none)
  browser := true
  unless_browser := and not browser
else ifneq ($(BROWSER),)
  browser := test -x "$(BROWSER)" || { echo "make: BROWSER=$(BROWSER) is not a program" >&2; exit 1; }
else
  browser := tools/browser >/dev/null
endif

.PHONY: help demo datasets test test-all check bench bench-quality bench-peers docs notebooks wheelhouse pins clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' Makefile | awk -F ':.*## ' '{printf "make %-13s %s\n", $$1, $$2}'

demo: .venv/.locum ## from nothing to a report on artificial patients
	@.venv/bin/locum demo

datasets: .venv-test/.locum ## both datasets at the published size, from artificial records to verified packages
	.venv-test/bin/python benchmarks/datasets.py

test: check ## checks, then every test but the slow ones
	@$(browser)
	$(PYTEST) -m "not slow $(unless_browser)"

test-all: check ## checks, then every test
	@$(browser)
	$(PYTEST) $(if $(unless_browser),-m "not browser")

check: .venv-test/.locum ## lint, format, types, and the directions between packages
	.venv-test/bin/ruff check $(SOURCES)
	.venv-test/bin/ruff format --check $(SOURCES)
	.venv-test/bin/mypy
	.venv-test/bin/lint-imports --no-cache

bench: .venv-test/.locum ## times of fitting and drawing, beside a peer measured in the same run
	.venv-test/bin/python benchmarks/speed.py

bench-quality: .venv-test/.locum ## DATA=folder SCORER=score.py: fidelity and privacy on real tables, and attacks on the models
	@test -n "$(DATA)" -a -n "$(SCORER)" || { echo "make: give DATA=folder of tables and SCORER=score.py" >&2; exit 1; }
	.venv-test/bin/python benchmarks/quality.py $(TABLES) --data "$(DATA)" --scorer "$(SCORER)" --attack

bench-peers: .venv-test/.locum ## locum beside other generators; DATA=folder SCORER=score.py as above, or neither for a small table
	.venv-test/bin/python benchmarks/peers/run.py $(TABLES) $(if $(DATA),--data "$(DATA)") \
	  $(if $(SCORER),--scorer "$(SCORER)") $(if $(ONLY),--only $(ONLY))

docs: .venv-docs/.pins ## the manual, into site/
	.venv-docs/bin/mkdocs build --strict

notebooks: .venv-test/.locum ## run the notebooks of the manual again, and store what they show
	@for notebook in $$(find docs -name '*.ipynb'); do .venv-test/bin/python -m tests.spec.notebook $$notebook || exit 1; done

wheelhouse: .venv/.pins ## every wheel for an installation without a network, into wheelhouse/
	@tools/wheelhouse .venv wheelhouse

pins: ## write requirements/*.txt again; UPGRADE=--upgrade takes the newest versions
	tools/pins $(UPGRADE)

clean: ## remove environments, caches and what was built
	rm -rf .venv .venv-test .venv-docs .venv-pins site dist build demo datasets peers wheelhouse .cache
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +

# An environment is made again when its pins change; locum is put in again when its metadata change.
.venv/.pins: requirements/build.txt requirements/core.txt
	@tools/venv .venv requirements/core.txt
	@touch $@
.venv-test/.pins: requirements/build.txt requirements/test.txt
	@tools/venv .venv-test requirements/test.txt
	@touch $@
.venv-docs/.pins: requirements/build.txt requirements/docs.txt
	@tools/venv .venv-docs requirements/docs.txt
	@touch $@
.venv/.locum .venv-test/.locum: %/.locum: %/.pins pyproject.toml
	@$*/bin/python $(EDITABLE)
	@touch $@
