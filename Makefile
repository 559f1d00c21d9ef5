# make demo    show everything on this machine, without Telegram; in English with LANGUAGE=en, in Korean with ko
# make install make .venv with the jikimi command in it; demo and run do it by themselves
# make photos  add OpenCV to .venv, so that ordinary photos can be registered; the demo has it
# make run     watch for real, with config.toml (.venv/bin/jikimi init makes one)
# make test    everything that CI runs
# make check   its part without the tests: format, lint, types, contracts
# make page    build bot/page/jikimi.html from its sources
# make lock    pin the dependencies anew
# make clean   remove what these made; configuration, key and database stay

PYTHON ?= python3
CONFIG ?= config.toml
RUN := .venv
TEST := .venv-test
# pip that takes nothing but the files named by a hash in our locks.
INSTALL = bin/python -m pip install --quiet --disable-pip-version-check
PINNED = --require-hashes --only-binary=:all:

.PHONY: demo install photos run test check page lock clean
.DELETE_ON_ERROR:

demo: $(RUN)/photos
	$(RUN)/bin/jikimi demo $(addprefix --language ,$(filter ko en,$(LANGUAGE)))

install: $(RUN)/installed

photos: $(RUN)/photos

$(RUN)/photos: $(RUN)/installed requirements-photos.lock
	$(RUN)/$(INSTALL) $(PINNED) -r requirements-photos.lock
	@touch $@

run: $(RUN)/installed
	$(RUN)/bin/jikimi run --config $(CONFIG)

test: check
	$(TEST)/bin/python -m pytest -n auto

check: $(TEST)/installed
	$(TEST)/bin/ruff format --check .
	$(TEST)/bin/ruff check .
	$(TEST)/bin/mypy
	$(TEST)/bin/lint-imports

page:
	$(PYTHON) -m bot.page.build

$(RUN)/installed: requirements.lock requirements-build.lock pyproject.toml
	$(call environment,$(RUN))
	$(RUN)/$(INSTALL) $(PINNED) -r requirements.lock -r requirements-build.lock
	$(RUN)/$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

# The oracle of the fingerprint tests must be compiled; where that fails, they say that they are skipped.
$(TEST)/installed: requirements-dev.lock requirements-oracle.lock requirements-mtproto.lock pyproject.toml
	$(call environment,$(TEST))
	$(TEST)/$(INSTALL) $(PINNED) -r requirements-dev.lock
	$(TEST)/$(INSTALL) --require-hashes --no-deps --no-build-isolation -r requirements-oracle.lock \
		>$(TEST)/oracle.log 2>&1 || echo "NOTE: pdqhash could not be built, so comparisons with it will be skipped." \
		"It needs a C++ compiler; what happened is in $(TEST)/oracle.log"
	$(TEST)/$(INSTALL) --require-hashes --no-deps --no-build-isolation -r requirements-mtproto.lock
	$(TEST)/$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

define environment
@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit(1)' || { \
	echo "Jikimi needs Python 3.11 or newer; name one: make PYTHON=python3.12 ..." >&2; exit 1; }
@$(PYTHON) -c 'import ensurepip, venv' || { \
	echo "This Python cannot make virtual environments; on Debian: apt install python3-venv" >&2; exit 1; }
$(PYTHON) -m venv $(1)
endef

UV ?= uv
COMPILE = $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header
lock:
	$(COMPILE) --extra dev --group build --group oracle-build pyproject.toml -o requirements-dev.lock
	$(COMPILE) -c requirements-dev.lock pyproject.toml -o requirements.lock
	$(COMPILE) -c requirements-dev.lock --extra photos pyproject.toml -o requirements-photos.lock
	$(COMPILE) -c requirements-dev.lock --extra mtproto pyproject.toml -o requirements-mtproto.lock
	$(COMPILE) -c requirements-dev.lock --group build -o requirements-build.lock
	$(COMPILE) -c requirements-dev.lock --group oracle --no-deps -o requirements-oracle.lock

clean:
	rm -rf $(RUN) $(TEST) build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find bot matcher tests bench -name __pycache__ -prune -exec rm -rf {} +
