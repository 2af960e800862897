# `make help` lists what there is. Building is done by whoever calls; only labs and installing need root or sudo.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PREFIX ?= /usr/local

haops := .build/debug/haops
release := .build/release/haops
shell_scripts = $(shell grep -lE '^\#!(/usr/bin/env bash|/bin/(ba)?sh)' \
	.ci/run lab/lab lab/demo lab/haops lab/machine lab/image/build lab/image/rpms scripts/* bench/* fuzz/run 2>/dev/null)

.PHONY: help
help: ## this list
	@sed -n 's/^\([a-z][a-z-]*\):[^#]*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

.PHONY: demo
demo: ## build, boot the lab, and see the main job with real output (root or sudo)
	@scripts/install-deps build lab
	@scripts/as-root --can "boot the lab, whose machines are containers"
	swift build --product haops
	@HAOPS_BINARY=$(CURDIR)/$(haops) lab/demo

.PHONY: test
test: ## every test: without machines, and on a lab of its own (root or sudo)
	@scripts/test all

.PHONY: unit
unit: ## the tests that need neither a lab nor root
	@scripts/test unit

.PHONY: test-doctor
test-doctor: ## what doctor finds of every cause in all its variants, made for real on a lab of its own (root or sudo)
	@scripts/test-doctor

.PHONY: test-faults
test-faults: ## the matrix of faults, on labs side by side (root or sudo): hours
	@scripts/test-faults

.PHONY: test-sweeps
test-sweeps: ## the tests on machines of which `make test` runs a part, on a lab of its own (root or sudo): an hour and a half
	@scripts/test-sweep InterruptedApplyTests DrillTests StandbyTests AnswerTests FirewallTests RemediationsTests GoingBackTests \
		InitScriptTests OwnScriptsTests ThreeNodesTests ConfirmTests ReadyTests PackagesTests AgreementTests FaultTests AdoptionTests

.PHONY: test-long
test-long: ## 500 questions in a row leave nothing behind, on a lab of its own (root or sudo)
	@scripts/test-sweep LongRunTests

.PHONY: test-hostile
test-hostile: ## texts that mean something to a shell, at every place of many inventories, on a lab of its own (root or sudo)
	@HAOPS_HOSTILE_ROUNDS=$${HAOPS_HOSTILE_ROUNDS:-30} scripts/test-sweep HostileTextsTests LocalUserTests TracesTests

.PHONY: fuzz
fuzz: ## every parser of what is not trusted, a minute each, with libFuzzer; FUZZ_SECONDS says how long
	@fuzz/run all $${FUZZ_SECONDS:-60}

.PHONY: test-sanitized
test-sanitized: ## the unit tests with the address, thread and undefined-behaviour sanitizers: half an hour of building
	@scripts/test-sanitized

.PHONY: test-valgrind
test-valgrind: ## libyaml and libssh2, as haops calls them, under valgrind
	@scripts/test-valgrind

.PHONY: test-simulation
test-simulation: ## a hundred thousand schedules of faults against the engine of a run, in memory: minutes on two cores
	swift build --build-tests
	HAOPS_SIMULATIONS=$${HAOPS_SIMULATIONS:-100000} .build/debug/haopsPackageTests.xctest --testing-library swift-testing --filter '^RolloutTests\.SimulationTests'

.PHONY: check
check: lint ## formatter and shellcheck in strict mode, warnings as errors, and the unit tests
	@scripts/test unit

.PHONY: lint
lint: ## formatter and shellcheck alone, in strict mode
	swift format lint --strict --recursive Package.swift Sources Tests bench fuzz
	@if command -v shellcheck >/dev/null; then set -x; shellcheck --external-sources $(shell_scripts); \
	else echo "make: shellcheck is not installed, so the shell scripts go unchecked" >&2; fi

.PHONY: docs
docs: ## docs/Checks.md and docs/Doctor.md, from the documentation comments of the checks and causes
	@for page in Checks:checks Doctor:doctor; do \
		scripts/generate-$${page#*:}-doc >docs/$${page%:*}.md.new && mv docs/$${page%:*}.md.new docs/$${page%:*}.md || exit; \
	done

.PHONY: release
release: ## the optimised, stripped program: .build/release/haops
	@scripts/install-deps build
	@scripts/build-release
	@scripts/judge-release $(release)

.PHONY: install
install: ## the release, its completions, man pages and documents, below PREFIX (/usr/local)
	@scripts/install-deps build pages
	@scripts/build-release
	scripts/install-program $(release) $(DESTDIR)$(PREFIX)

.PHONY: schemas
schemas: ## schemas/, from the types of the documents and of the inventory
	swift build --product haops
	@scripts/generate-schemas $(haops) schemas

.PHONY: man
man: ## the man pages, into .build/man, from what `haops help` says; mandoc has no complaint
	@scripts/install-deps pages
	swift build --product haops
	@scripts/lint-man-pages $(haops) .build/man

.PHONY: dist
dist: ## the release as a tarball with SHA256SUMS, in .build/dist
	@scripts/install-deps build pages
	@scripts/dist .build/dist

.PHONY: dist-twice
dist-twice: ## the tarball of this commit, built twice in two places: the bytes are equal
	@scripts/install-deps build pages
	@scripts/dist-twice

.PHONY: deb
deb: ## the Debian package, in .build/dist; HAOPS_RELEASE is a release built before
	@scripts/install-deps build deb
	@scripts/deb .build/dist $(HAOPS_RELEASE)

.PHONY: test-deb
test-deb: deb ## the package under lintian, then installed, run and purged in a clean root (root or sudo)
	@scripts/install-deps lab
	@scripts/as-root scripts/test-deb .build/dist/haops_$$(scripts/version)_$$(dpkg --print-architecture).deb

.PHONY: test-hooks
test-hooks: ## the hooks of .pre-commit-hooks.yaml and the CI templates' commands, with the real pre-commit
	swift build --product haops
	@scripts/test-hooks $(haops)

.PHONY: test-pictures
test-pictures: ## pages with pictures in headless Chromium, narrow and wide: everything is there, nothing overlaps
	@scripts/install-deps build pictures
	swift build --build-tests
	@scripts/test-pictures $(haops) .build/debug/haopsPackageTests.xctest

.PHONY: bench
bench: release ## haops against its floor and its peers, at 100 and 500 nodes (root or sudo)
	@scripts/install-deps lab bench
	@bench/run
	@bench/parser-throughput

.PHONY: bench-parser
bench-parser: ## how fast keepalived.conf is read
	@bench/parser-throughput

.PHONY: clean
clean: ## remove what was built; labs stay
	rm -rf .build bench/floor
