# The front door. Meson does the work; each target that needs them installs missing packages and builds by itself.
BUILD ?= build
FUZZ_SECONDS ?= 600
SUITES ?=
C_FILES = $(shell git ls-files --cached --others --exclude-standard '*.c' '*.h' '*.cc')

.DEFAULT_GOAL := help
.PHONY: help setup build run test bench bench-peers soak asan tsan fuzz errors clang tidy format lint clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "make %-12s %s\n", $$1, $$2}' Makefile

setup:
	@tools/setup

build: setup ## leave the release binary at build/patron
	@tools/build $(BUILD)

run: setup ## build, then serve with demonstration data (./patron.db) and print address and first password
	@[ -x $(BUILD)/patron ] || echo "building $(BUILD)/patron: the first time takes a few minutes"
	@TARGETS=patron tools/build $(BUILD)
	@exec $(BUILD)/patron serve --demo

test: build ## run every suite; SUITES="unit api" runs some
	@tests/run --build $(BUILD) $(SUITES)

bench: build ## measure throughput beside a bare SQLite loop and pgbench, and the speed of the analyses
	@bench/run --build $(BUILD)
	@bench/insight --build $(BUILD)

bench-peers: build ## measure the analyses alone, beside the other programs that are installed
	@bench/insight --build $(BUILD) clv pls others

soak: build asan tsan ## run the suite under sanitizers, then the long tests
	@tests/soak/run --build $(BUILD)

asan: setup
	@tools/build build-asan -Db_sanitize=address,undefined -Dwerror=false
	@tests/run --build build-asan $(SUITES)

tsan: setup
	@tools/build build-tsan -Db_sanitize=thread -Dwerror=false
	@tests/run --build build-tsan $(if $(SUITES),$(SUITES),unit storage engine api)

fuzz: setup ## run each fuzz target for FUZZ_SECONDS (600)
	@TARGETS=fuzz_targets CC=clang CXX=clang++ tools/build build-fuzz -Dfuzz=true -Db_sanitize=address,undefined -Db_lundef=false -Dwerror=false
	@tools/fuzz build-fuzz $(FUZZ_SECONDS)

errors: build ## write docs/errors.md from the list of codes
	@$(BUILD)/patron help errors >docs/errors.md

clang: setup ## compile everything with clang, warnings as errors
	@CC=clang CXX=clang++ tools/build build-clang

tidy: setup ## check the rules of the source tree
	@tests/run --build $(BUILD) tidy

format: setup ## lay out the C sources with clang-format
	@clang-format -i $(C_FILES)

lint: clang ## cppcheck and clang-tidy
	cppcheck --quiet --error-exitcode=1 --inline-suppr --std=c11 --enable=warning,performance,portability -D_GNU_SOURCE -Isrc src
	clang-tidy --quiet -p build-clang $(filter src/%.c,$(C_FILES))

clean: ## remove what the build made
	rm -rf build build-asan build-tsan build-fuzz build-clang
