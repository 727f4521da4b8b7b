# `make run` and `make test` need nothing before them but Python 3.11 or newer and make.
PYTHON ?= python3
PY := .venv/bin/python

.PHONY: run test lock lint clean

run: .venv/local
	@exec $(PY) -m hub.local

test: .venv/test
	@PY=$(PY) sh tests/run

lint: .venv/test
	@PY=$(PY) sh tests/lint

# Each list is installed exactly, by hash; the stamp is younger than the list it stands for.
.venv/local: requirements/local.txt .venv/made
	@echo "Installing what the hub stands on…"
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

.venv/test: requirements/test.txt .venv/made
	@echo "Installing what the tests need…"
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@ .venv/local

.venv/made:
	@sh tests/venv $(PYTHON)
	@touch $@

# The short lists are held to the long one, so that tests run what is served.
lock: .venv/made
	@$(PY) -m pip install --quiet pip-tools
	@rm -f requirements/base.txt requirements/local.txt
	@for list in test local base; do \
	  case $$list in \
	    test) extra="--extra local --extra test" ;; \
	    local) extra="--extra local --constraint requirements/test.txt" ;; \
	    base) extra="--constraint requirements/test.txt" ;; \
	  esac; \
	  $(PY) -m piptools compile --quiet --strip-extras --generate-hashes --allow-unsafe \
	    --no-emit-index-url --no-emit-find-links $$extra -o requirements/$$list.txt pyproject.toml; \
	done

clean:
	rm -rf .venv var node_modules
