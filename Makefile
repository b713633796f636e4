# Thin on purpose: each target calls scripts/, CMake or ctest. Everything lands in build/ and bin/.
#   make run     build, start the broker, send a minute of real load through it (SECONDS=60 RATE=5000)
#   make test    build and run every test of the labels unit and e2e
#   make build   the release binaries, linked into bin/
#   make check   what a reviewer wants: tidy, headers alone, asan, tsan
#   make bench   measurements, printed as ratios (docs/benchmarks.md says how)
#   make bench-versus  the same client against Stoker, Apache Kafka and kfake
#   make conformance-ci  the foreign suites that fit in a submission's time (docs/conformance.md)
#   make golden  the tools, case by case, against what Apache Kafka's print
#   make check-all     check, slow, conformance, differential and golden, each a target of its own (docs/HACKING.md); hours
#   make deb     a Debian package of it, in build/
#   make man     a manual page for every program, in build/man
#   make format  clang-format over the whole tree
#   make clean
PRESET ?= release
BUILD := build/$(PRESET)
SECONDS ?= 60
RATE ?= 5000
JOBS ?= $(shell nproc)

.PHONY: run build test check check-all bench bench-versus format clean bootstrap configure slow slow-ci conformance conformance-ci differential golden man deb soak

bootstrap:
	@scripts/bootstrap

configure: bootstrap
	@test -f $(BUILD)/build.ninja || cmake --preset $(PRESET)

build: configure
	@cmake --build $(BUILD) -j $(JOBS)

run: build
	@libexec/stoker/stoker-demo --seconds $(SECONDS) --rate $(RATE)

test: build
	@scripts/bootstrap test
	ctest --test-dir $(BUILD) --output-on-failure -j $(JOBS) -L 'unit|tidy|e2e|simulation'

slow: build
	@scripts/bootstrap test slow
	ctest --test-dir $(BUILD) --output-on-failure -L slow

# What of it a submission has the time for: the recorded cases against Apache Kafka take a quarter of an hour.
slow-ci: build
	@scripts/bootstrap test slow
	ctest --test-dir $(BUILD) --output-on-failure -L slow -LE 'golden|conformance'

check: build
	cmake --build $(BUILD) -j $(JOBS) --target all_verify_interface_header_sets
	scripts/sanitize asan
	scripts/sanitize tsan

bench: build
	@scripts/bootstrap test
	bench/run
	bench/cli

bench-versus: build
	@scripts/bootstrap test slow
	bench/versus/run

conformance: build
	@scripts/bootstrap test slow conformance rust
	ctest --test-dir $(BUILD) --output-on-failure -L conformance

# Thousands of seeds of the simulated broker: another stretch with SEEDS=FIRST:COUNT.
SEEDS ?= 1000:3000
soak: build
	STOKER_SEEDS=$(SEEDS) $(BUILD)/tests/simulation/simulation_test

# What of the foreign suites a submission has the time for.
conformance-ci: build
	@scripts/bootstrap test slow conformance
	ctest --test-dir $(BUILD) --output-on-failure -L conformance_ci

differential: build
	@scripts/bootstrap test slow
	ctest --test-dir $(BUILD) --output-on-failure -L differential

# The recorded output of Apache Kafka's tools, case by case, against our broker and against Apache Kafka.
golden: build
	@scripts/bootstrap test slow
	ctest --test-dir $(BUILD) --output-on-failure -L golden

check-all: check slow conformance differential golden

man: build
	@scripts/man-pages build/man/man1

deb: build
	@scripts/deb build

format:
	git ls-files '*.cpp' '*.hpp' | xargs clang-format-19 -i

clean:
	rm -rf build bin libexec
