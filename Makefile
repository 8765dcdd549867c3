# What CI runs is `make test`. On a bare Debian 12 with Rust it needs root: see tests/tools/setup.sh.

# what the specs under test publish ports on; each engine has a network of its own, so it can be any
ADDRESSES = 10.20.0.5

up = tests/tools/setup.sh && tests/tools/engine.sh up $(ADDRESSES)

.PHONY: help build engine engine-down fmt lint test compose-corpus bench clean

help: ## lists these targets
	@sed -n 's/^\([a-z-]*\):.* ## \(.*\)/  \1\t\2/p' Makefile | expand -t 16

build: ## builds the release binary
	cargo build --release --locked

engine: ## sets up the test tools and starts the engines that the tests use
	$(up)

engine-down: ## stops these engines and removes their containers, networks and images
	tests/tools/engine.sh down

fmt: ## formats the code
	cargo fmt

lint: ## checks the formatting and runs clippy; any warning fails
	cargo fmt --check
	cargo clippy --all-targets --locked -- -D warnings

# Without an engine CI fails, and others go on: the tests that need one say that they skip, as target/engine/env is missing.
test: ## engines, lint, then all tests
	@$(up) || { \
	  rm -f target/engine/env; \
	  printf '\n!!! NO DOCKER ENGINE FOR THE TESTS, for the reason above: those that need one cannot run !!!\n\n' >&2; \
	  [ "$$CI" != true ]; \
	}
	@$(MAKE) --no-print-directory lint
	RUST_TEST_THREADS=4 cargo test --locked

compose-corpus: ## holds every Compose file below DIR against Docker Compose: make compose-corpus DIR=~/src
	@[ -d "$(DIR)" ] || { echo "say where the Compose files are: make compose-corpus DIR=…" >&2; exit 2; }
	tests/tools/setup.sh
	COMPOSE_CORPUS="$(abspath $(DIR))" cargo test --locked --test it -- --ignored --nocapture corpus

bench: ## runs the benchmarks
	cargo bench --locked

clean: engine-down ## removes all build products, the engines and the test tools with them
	cargo clean
