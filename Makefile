# `make` lists what can be made. Each target is a short command that can as well be typed.

PREFIX ?= /usr/local
SWIFT_BUILD = swift build --explicit-target-dependency-import-check error
SWIFT_TEST = swift test --disable-xctest --explicit-target-dependency-import-check error
SWIFT_FILES = git ls-files -z --cached --others --exclude-standard '*.swift' | xargs -0

# How long `make fuzz` runs each target.
SECONDS ?= 60

.PHONY: help build test test-debug golden format lint bench fuzz docs install clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "%-14s%s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## build topsim as people use it: .build/release/topsim
	$(SWIFT_BUILD) -c release

test: ## run every test, against the release build that people use
	$(SWIFT_TEST) -c release --disable-testable-imports --skip '^CommandLineTests\.'
	# Memory of the processes that these start is judged, so they run in a process of their own.
	$(SWIFT_TEST) -c release --disable-testable-imports --filter '^CommandLineTests\.'

test-debug: ## run every test with all checks on, which is slow
	$(SWIFT_TEST)

golden: build ## rewrite golden files, generated pages and the quickstart; the diff is the review
	results/quickstart/record
	TOPSIM_UPDATE_GOLDENS=1 $(MAKE) test
	git diff --stat

format: ## format every Swift file in place
	$(SWIFT_FILES) swift format --in-place --parallel

lint: ## check that every Swift file is formatted
	$(SWIFT_FILES) swift format lint --strict --parallel

bench: ## build the benchmarks, a package of its own, and say how to run them
	$(SWIFT_BUILD) -c release --package-path Benchmarks
	@ls Benchmarks/.build/release | grep -E '^[a-z-]+-benchmark$$' \
		| sed 's|^|swift run -c release --package-path Benchmarks |'

fuzz: ## run every reader under libFuzzer, SECONDS=60 each; docs/guides/fuzzing.md
	Tests/Fuzz/run $(SECONDS)

docs: build ## rewrite the generated pages of docs/reference, and the man page
	TOPSIM_UPDATE_GOLDENS=1 $(SWIFT_TEST) -c release --disable-testable-imports --filter '^(ScenarioInput|CommandLine|ResultsDatabase|Metrics|Conformance)Tests\.'

install: build ## install topsim and its man page under PREFIX (/usr/local)
	install -d '$(DESTDIR)$(PREFIX)/bin' '$(DESTDIR)$(PREFIX)/share/man/man1'
	install -m 755 .build/release/topsim '$(DESTDIR)$(PREFIX)/bin/topsim'
	install -m 644 docs/man/topsim.1 '$(DESTDIR)$(PREFIX)/share/man/man1/topsim.1'

clean: ## remove what was built
	rm -rf .build Benchmarks/.build
