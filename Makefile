# What a person types. `make help` lists it.
.PHONY: help setup demo test lint format compiled bench screenshots pages lock clean distclean
.DEFAULT_GOAL := help

BIN := .venv/bin

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Make .venv with everything in it (once; then it is instant)
	@packaging/setup.sh

demo: setup ## Watch a desk at work: ARGS="..." goes to `blotter demo`
	@$(BIN)/blotter demo $(ARGS)

test: ## Run the tests: ARGS="tests/unit -k order" narrows them
	@packaging/setup.sh --with-xvfb
	@$(BIN)/pytest -n 2 --dist loadgroup $(ARGS)

lint: setup ## Check style, types and who imports whom
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup ## Let ruff lay out the code and mend what it safely can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

compiled: setup ## Compile the matching core into .venv, where there is a C compiler (optional)
	@packaging/compiled.sh

bench: setup ## Measure matching, the engine and the way from ticket to row
	@$(BIN)/blotter bench matching $(ARGS)
	@$(BIN)/blotter bench books $(ARGS)
	@$(BIN)/blotter bench engine $(ARGS)
	@$(BIN)/blotter bench roundtrip $(ARGS)
	@$(BIN)/blotter bench blotter $(ARGS)

screenshots: setup ## Take every pane anew from a demo's state, for README and help
	@rm -rf build/screenshots && mkdir -p build/screenshots
	@$(BIN)/blotter demo --headless --seconds 40 --out build/screenshots
	@cp build/screenshots/*.png resources/help/images/

pages: setup ## Write anew the help pages that are made from the code
	@$(BIN)/python -m app.reports.order_types_page > resources/help/order_types.md

# Resolves for every platform and Python at once; keeps what is pinned unless UPGRADE=1.
lock: ## Pin the dependencies anew after a change of pyproject.toml: UPGRADE=1 for newest
	@packaging/lock.sh $(if $(UPGRADE),--upgrade)

clean: ## Remove caches and what demo and tests left
	@rm -rf demo-output dist build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name .venv -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean ## Remove .venv too
	@rm -rf .venv
