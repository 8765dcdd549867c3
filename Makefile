# What CI runs is `make test`. On a bare Debian 12 with Rust it needs root: see tests/tools/setup.sh.

# what the specs under test publish ports on; each engine has a network of its own, so it can be any
ADDRESSES = 10.20.0.5

lint = cargo fmt --check && cargo clippy --all-targets --locked -- -D warnings

up = tests/tools/setup.sh && tests/tools/engine.sh up $(ADDRESSES) && COMPOSEGEN_ENGINES=swarm tests/tools/engine.sh up

# how long each fuzz target runs, in seconds
FUZZ_SECONDS = 60
FUZZ_TARGETS = $(patsubst fuzz/fuzz_targets/%.rs,%,$(wildcard fuzz/fuzz_targets/*.rs))
# A nightly toolchain fuzzes with AddressSanitizer: make fuzz FUZZ='cargo +nightly fuzz' FUZZ_SANITIZER=address
FUZZ = RUSTC_BOOTSTRAP=1 cargo fuzz
FUZZ_SANITIZER = none

.PHONY: help build engine engine-down engine-real engine-real-down fmt lint test test-real compose-corpus stacks patches states plans fuzz bench bench-guard bench-peers bench-growth docs dist-check reproduce clean

help: ## list these targets
	@sed -n 's/^\([a-z-]*\):.* ## \(.*\)/  \1\t\2/p' Makefile | expand -t 16

build: ## build the release binary
	cargo build --release --locked

engine: ## install the test tools and start the engines that the tests use
	$(up)

engine-down: ## stop these engines and remove their containers, networks and images
	tests/tools/engine.sh down
	COMPOSEGEN_ENGINES=swarm tests/tools/engine.sh down

engine-real: ## start the engine of test-real and make its images, which are kept in target/real
	tests/tools/setup.sh && COMPOSEGEN_ENGINES=real tests/tools/engine.sh up

engine-real-down: ## stop that engine; the images stay
	COMPOSEGEN_ENGINES=real tests/tools/engine.sh down

fmt: ## format the code
	cargo fmt

lint: ## check the formatting and run clippy; warnings are errors
	$(lint)

# Tests that need an engine or another tool are ignored unless the engines run; without them CI fails.
# Tests whose names begin with `manual_` are run by hand. Those with `docker_28` in their names need Debian sid, which
# cannot be installed on every day.
#
# The engines are set up during the compilation: mostly, that is waiting for downloads. There is no $(MAKE) in this recipe, as
# `make -n` would run it.
test: ## start the engines, lint, run all tests
	@mkdir -p target; \
	{ $(up); } >target/engines.log 2>&1 & engines=$$!; \
	trap 'kill $$engines' HUP INT TERM; \
	$(lint) && cargo test --locked --no-run; built=$$?; \
	wait $$engines; started=$$?; \
	trap - HUP INT TERM; \
	cat target/engines.log; \
	[ $$built = 0 ] || exit $$built; \
	if [ $$started = 0 ]; then \
	  set -- --include-ignored --skip manual_ --skip real::; \
	  if ! grep -q COMPOSEGEN_DOCKER_28 target/engine/env; then \
	    printf '\nno Docker 28, for the reason above: the tests that need it are ignored\n\n' >&2; \
	    cargo test --locked --test it docker_28 || exit 1; \
	    set -- "$$@" --skip docker_28; \
	  fi; \
	else \
	  printf '\nno Docker Engine for the tests, for the reason above: those that need one are ignored\n\n' >&2; \
	  [ "$$CI" != true ] || exit 1; \
	  set --; \
	fi; \
	RUST_TEST_THREADS=4 cargo test --locked -- "$$@"

# Those with a VPS wait for each other: its ports are those of the specs.
test-real: engine-real ## run the generated files as they are with real software from Debian's packages
	cargo test --locked --test it real:: -- --include-ignored --test-threads=1

compose-corpus: ## compare with Docker Compose on every Compose file below DIR: make compose-corpus DIR=~/src
	@[ -d "$(DIR)" ] || { echo "say where the Compose files are: make compose-corpus DIR=…" >&2; exit 2; }
	tests/tools/setup.sh
	COMPOSE_CORPUS="$(abspath $(DIR))" cargo test --locked --test it -- --ignored --nocapture manual_corpus

stacks: engine ## create every Compose file below DIR on each Docker and compare it: make stacks DIR=~/src
	@[ -d "$(DIR)" ] || { echo "say where the Compose files are: make stacks DIR=…" >&2; exit 2; }
	STACKS="$(abspath $(DIR))" cargo test --locked --test it -- --ignored --nocapture manual_stacks

patches: engine ## try `drift --patch` on every change that the tests make to a host
	COMPOSEGEN_PATCHES=1 cargo test --locked --test it -- --include-ignored --skip manual_ drift::

states: engine ## try `state --live` on every host that the tests make
	COMPOSEGEN_STATES=1 cargo test --locked --test it -- --include-ignored --nocapture --skip manual_ --skip drift::proxy drift::

plans: engine ## compare plans of changed projects with what `docker compose up` then does; PLANS=WORD tries some
	cargo test --locked --test it -- --ignored --nocapture manual_plans

fuzz: ## run every fuzz target for FUZZ_SECONDS (60); needs cargo-fuzz, see docs/testing.md
	@cargo fuzz --version >/dev/null 2>&1 || { echo "install cargo-fuzz first: cargo install cargo-fuzz" >&2; exit 2; }
	fuzz/seed.sh
	$(FUZZ) build --sanitizer $(FUZZ_SANITIZER)
	for target in $(FUZZ_TARGETS); do \
	  $(FUZZ) run --sanitizer $(FUZZ_SANITIZER) $$target -- -max_total_time=$(FUZZ_SECONDS) -max_len=16384 \
	    -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 || exit 1; \
	done
	rm -rf /dev/shm/composegen-fuzz-*

bench: ## time each stage; prints a table
	@cargo bench --locked --bench render --bench compose -- --output-format bencher --noplot | \
	  awk -F '^test | [.][.][.] bench: +| ns/iter' '/^test/ { gsub(",", "", $$3); printf "%-44s %10.3f ms\n", $$2, $$3 / 1e6 }'

bench-guard: ## count instructions, and fail where a command takes 5 % more than the committed baseline
	benches/guard.py $(if $(UPDATE),--update)

bench-peers: engine build ## time commands beside docker compose, Ansible and linters, and write docs/performance.md
	[ -x target/peers/bin/ansible ] || python3 -m venv target/peers
	target/peers/bin/pip install -q --disable-pip-version-check -r benches/requirements.txt
	benches/peers.py

bench-growth: build ## measure how time and memory grow with services, hosts and containers
	benches/growth.py

docs: ## build the documentation as a site, in target/site/html
	[ -x target/site/venv/bin/mkdocs ] || python3 -m venv target/site/venv
	target/site/venv/bin/pip install -q --disable-pip-version-check -r site/requirements.txt
	NO_MKDOCS_2_WARNING=1 target/site/venv/bin/mkdocs build --strict --quiet --config-file site/mkdocs.yml

dist-check: ## build every package of a release, install each in a clean environment and run it
	packaging/dist-check.sh

reproduce: ## build the release binary in two folders, and compare the bytes
	packaging/reproduce.sh

clean: engine-down engine-real-down ## remove all build products, the engines and the test tools
	cargo clean
