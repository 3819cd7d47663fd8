# Everything a newcomer needs: `make run`, `make test`. The rest is in docs/operations.md.
.DEFAULT_GOAL := help
.PHONY: help run test dev lock bench shots clean
PORT ?= 8000
UV ?= uv

# The first Python that works; a pyenv shim may be there and not work.
BOOT := $(shell for python in python3 python3.13 python3.12 python /usr/bin/python3; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 6))' 2>/dev/null && echo "$$python" && break; done)
environment = @test -n "$(BOOT)" || { echo "Cannot start: no python3 is here; install Python 3.13." >&2; exit 1; }; \
	"$(BOOT)" tools/environment.py

help: ## what there is to make
	@sed -n 's/^\([a-z]*\):.*## /make \1	/p' Makefile

run: ## set up what is missing and run it at http://127.0.0.1:8000 (other port: make run PORT=9000)
	$(environment) run
	@exec .venv/bin/python manage.py run --port $(PORT)

test: dev ## every check: style, types, settings, tests on SQLite and PostgreSQL, browser
	@exec .venv/bin/python tools/checks.py

dev: ## .venv with everything the checks need
	$(environment) dev

COMPILE = $(UV) pip compile --quiet --universal --generate-hashes --no-emit-index-url --custom-compile-command "make lock"
lock: ## write the lock files anew after a change of pyproject.toml
	$(COMPILE) pyproject.toml -o requirements/run.txt
	$(COMPILE) pyproject.toml --group dev -o requirements/dev.txt
	echo uv | $(COMPILE) - -o requirements/uv.txt

bench: dev ## the figures of the README, measured here
	@for file in benchmarks/*.py; do PYTHONPATH=. .venv/bin/python "$$file" || exit 1; done

shots: dev ## the README's pictures and every page in var/shots, taken from the running program
	@PYTHONPATH=. exec .venv/bin/python tools/shots.py

clean: ## remove what can be made again; your data in var/ stays
	rm -rf .venv staticfiles .pytest_cache .ruff_cache .mypy_cache
