# SPDX-License-Identifier: GPL-2.0
# Targets for people. What the module is made of: Kbuild.

VERSION := $(shell sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' dkms.conf)
SERIES := $(shell awk '/^[0-9]/ { print $$1 }' linux/compat/kernels)
FLAVOURS := $(foreach series,$(SERIES),$(series)-rt $(series)-cloud)
KERNEL ?= $(lastword $(SERIES))
DRIVER ?= stride
IOMMU ?= intel
DEBIAN ?= 12
SECONDS ?= 3600
RELEASE ?= $(shell uname -r)
HEADERS ?= /lib/modules/$(RELEASE)/build

BENCH := build/stride-bench
DIFFERENTIAL := build/tests/differential/differential
GROWTH := build/tests/growth/growth
DEBUG_TESTS := build/tests/debug/sweep build/tests/debug/reload
TEST_SOURCES := $(wildcard tests/*/test_*.c)
TESTS := $(patsubst %.c,build/%,$(TEST_SOURCES))
GUEST_TESTS := $(filter build/tests/guest/%,$(TESTS))
HOST_TESTS := $(filter-out $(GUEST_TESTS),$(TESTS))
PARALLEL := $(MAKE) -s -j$(shell nproc)

# The first word of variable $(1), which must be one of $(2).
one_of = $(or $(filter $(firstword $($(1))),$(2)),$(error $(1)=$($(1)): expected one of $(2)))
CHECKED := $(call one_of,KERNEL,$(SERIES) $(FLAVOURS)) $(call one_of,DRIVER,in-tree stride) $(call one_of,IOMMU,intel amd)

CFLAGS := -std=gnu11 -O2 -g -Wall -Wextra -MMD -MP
# The engine's tests: no libc may creep into core/, no undefined behaviour anywhere.
HOST_CFLAGS := -std=gnu11 -O1 -g -Wall -Wextra -Wshadow -MMD -MP -Isim -Icore -I. \
	-fsanitize=address,undefined -fno-sanitize-recover=all
HOST_OBJECTS := $(patsubst %.c,build/host/%.o,$(wildcard core/*.c sim/*.c))

.DEFAULT_GOAL := help
.PHONY: help packages check-packages lint-packages deb-packages module-packages module modules test-modules \
	install uninstall deb version bench \
	tests demo lint quick check unit simulation guest differential shell clean \
	$(SERIES:%=module-%) $(SERIES:%=test-module-%)
.SECONDARY:

define HELP
make demo                  the benchmark on all kernels, in-tree driver and stride side by side
make bench                 build/stride-bench, the benchmark for real machines
make install               the module for the running kernel, preferred to the in-tree one; signed [KEY= CERT=]
make uninstall             back to the in-tree one
make deb                   Debian packages of both, into build/deb/

make lint                  what checkpatch, sparse, kernel-doc, shellcheck and mandoc have to say
make quick                 before each commit: lint, unit tests, some simulation, one machine
make check                 all tests
make unit [T=record]       unit tests, or one of them
make simulation [T=random] [SEED=1] [RUNS=400]
make guest [T=bar] [KERNEL=6.12] [DRIVER=in-tree] [IOMMU=amd] [PROCESSORS=4]    in a machine
make differential [KERNEL=6.12] [SECONDS=3600] [SEED=1]    the same random calls to both drivers
make untouched [KERNEL=6.12]    memory that nobody has touched, with one thread and with two, in real time
make growth [KERNEL=6.12]  what a small mapping costs among 1, 1000 and 65535 others
make shell [KERNEL=6.12]   a shell in a machine with the module loaded and devices bound
make machine [DEBIAN=13]   a shell in a real Debian with the same devices; 2 GB to fetch, 6 minutes, once
make machine-test [DEBIAN=13]    our packages and all kernels of the last months in it; 30 minutes

make module [KERNEL=6.12]  the module for the newest Debian kernel of that series
make matrix                builds it for all kernels that Debian has, tests real-time and cloud ones; 4 GB the first time
make debug-kernel          builds a kernel 6.12 that watches itself; 15 minutes, once
make check-debug [T='guest amd leaf_pins=N']    tests on it, or that part of them
make check-races           tests of several threads on a kernel that watches for data races; 15 minutes to build, once
make clean                 remove what was built; cache/ keeps what was downloaded

KERNEL: $(SERIES) $(FLAVOURS); $(KERNEL) if omitted. DRIVER: stride if omitted. IOMMU: amd, or intel if omitted.
DEBIAN: 13, or 12 if omitted.
endef

help:
	$(info $(HELP))
	@:

packages: module-packages
	@lab/packages libc6-dev libjansson-dev libcmocka-dev libbsd-dev python3 gnuplot-nox

check-packages: packages
	@lab/packages dkms lintian openssl

lint-packages: module-packages
	@lab/packages sparse shellcheck mandoc

deb-packages:
	@lab/packages gcc make dpkg-dev debhelper dh-dkms libjansson-dev

module-packages:
	@lab/packages gcc gcc-12 make pahole perl xz-utils

# The module

module: module-$(KERNEL)
	@echo $(CURDIR)/build/$$(cat $$(lab/fetch $(KERNEL))/release)/vfio_iommu_type1.ko

modules: $(SERIES:%=module-%)

$(SERIES:%=module-%) $(FLAVOURS:%=module-%) module-6.12-debug module-6.12-races: module-%: module-packages
	@kernel=$$(lab/fetch $*) && release=$$(cat $$kernel/release) && \
		W=1 linux/build $$release $$kernel/headers/linux-headers-$$release \
			$$kernel/lib/modules/$$release $$kernel/vmlinux.btf >/dev/null

# The driver of the guest tests' emulated devices
test-modules: $(SERIES:%=test-module-%)

$(SERIES:%=test-module-%) $(SERIES:%=test-module-%-rt) test-module-6.12-debug test-module-6.12-races: test-module-%: module-packages
	@kernel=$$(lab/fetch $*) && release=$$(cat $$kernel/release) && \
		tests/mdev/build $$release $$kernel/headers/linux-headers-$$release

install:
	@linux/deploy/install $(RELEASE) $(HEADERS)

uninstall:
	@linux/deploy/uninstall $(RELEASE)

deb: deb-packages
	@debian/build

version:
	@echo $(VERSION)

# What runs in user space

$(BENCH): $(wildcard tools/stride-bench/*.c) $(wildcard tools/stride-bench/*.h)
	@mkdir -p $(@D)
	@$(CC) $(filter-out -MMD -MP,$(CFLAGS)) -o $@ $(filter %.c,$^) -ljansson

bench: packages
	@$(MAKE) -s $(BENCH)
	@echo $(BENCH)

build/host/%.o: %.c
	@mkdir -p $(@D)
	@$(CC) $(HOST_CFLAGS) $(if $(filter core/%,$<),-ffreestanding) -c -o $@ $<

build/guest/%.o: %.c
	@mkdir -p $(@D)
	@$(CC) $(CFLAGS) -c -o $@ $<

# A folder's sources that are no test of their own belong to each of its tests.
shared = $(patsubst %.c,build/$(2)/%.o,$(filter-out $(TEST_SOURCES),$(wildcard tests/$(1)/*.c)))

build/tests/unit/%: build/host/tests/unit/%.o $(HOST_OBJECTS) $(call shared,unit,host)
	@mkdir -p $(@D)
	@$(CC) $(HOST_CFLAGS) -o $@ $^ -lcmocka

build/tests/simulation/%: build/host/tests/simulation/%.o $(HOST_OBJECTS) $(call shared,simulation,host)
	@mkdir -p $(@D)
	@$(CC) $(HOST_CFLAGS) -o $@ $^ -lcmocka

build/tests/guest/%: build/guest/tests/guest/%.o $(call shared,guest,guest)
	@mkdir -p $(@D)
	@$(CC) $(CFLAGS) -o $@ $^ -lcmocka

$(DIFFERENTIAL): $(patsubst %.c,build/guest/%.o,$(wildcard tests/differential/*.c)) \
		$(call shared,guest,guest)
	@mkdir -p $(@D)
	@$(CC) $(CFLAGS) -o $@ $^ -lcmocka

$(GROWTH): build/guest/tests/growth/growth.o $(call shared,guest,guest)
	@mkdir -p $(@D)
	@$(CC) $(CFLAGS) -o $@ $^ -lcmocka

build/tests/debug/%: build/guest/tests/debug/%.o build/guest/tests/debug/fault.o \
		$(call shared,guest,guest)
	@mkdir -p $(@D)
	@$(CC) $(CFLAGS) -o $@ $^ -lcmocka

# A 32-bit program; it has no libc.
build/tests/guest32/%: tests/guest32/%.c tests/guest32/%.h
	@mkdir -p $(@D)
	@$(CC) -m32 -std=gnu11 -O2 -Wall -Wextra -ffreestanding -fno-pic -fno-stack-protector \
		-static -nostdlib -o $@ $<

$(GUEST_TESTS): | build/tests/guest32/ioctl32

-include $(shell find build/host build/guest -name '*.d' 2>/dev/null)

tests: $(TESTS)

# What people run

demo: packages
	@$(PARALLEL) modules $(BENCH)
	@tools/demo

lint: lint-packages
	@$(PARALLEL) modules
	@tests/run 'lint: tests/lint'

quick: packages lint-packages
	@$(PARALLEL) modules test-module-$(KERNEL) tests
	@tests/quick $(KERNEL) $(HOST_TESTS)

check: check-packages lint-packages deb-packages
	@$(PARALLEL) modules test-modules tests $(BENCH) $(DIFFERENTIAL)
	@tests/all $(HOST_TESTS)

# The programs of a folder, or the one that T names.
names = $(patsubst tests/$(1)/test_%.c,%,$(wildcard tests/$(1)/test_*.c))
chosen = $(patsubst %,build/tests/$(1)/test_%,$(if $(T),$(call one_of,T,$(names)),$(names)))

unit simulation: packages
	@$(PARALLEL) $(call chosen,$@)
	@tests/run $(foreach program,$(call chosen,$@),'$@ $(program:build/tests/$@/test_%=%): \
		CMOCKA_MESSAGE_OUTPUT=TAP $(program)')

guest: packages
	@$(PARALLEL) module-$(KERNEL) $(if $(filter %-cloud,$(KERNEL)),,test-module-$(KERNEL)) $(call chosen,guest)
	@tests/run 'guest $(KERNEL) $(IOMMU) $(DRIVER): \
		tests/guest/run $(if $(PROCESSORS),-4) $(addprefix -p ,$(if $(T),$(call chosen,guest))) $(KERNEL) $(IOMMU) "$(DRIVER)"'

differential: packages
	@$(PARALLEL) module-$(KERNEL) test-module-$(KERNEL) $(DIFFERENTIAL)
	@tests/differential/run $(KERNEL) $$(($(SECONDS) + 600)) -t $(SECONDS) -v $(if $(SEED),-s $(SEED))

untouched: packages
	@$(PARALLEL) module-$(KERNEL) build/stride-bench
	@tests/untouched $(KERNEL)

growth: packages
	@$(PARALLEL) module-$(KERNEL) test-module-$(KERNEL) $(GROWTH)
	@tests/growth/run $(KERNEL)

.PHONY: untouched matrix debug-kernel check-debug check-races growth
matrix: packages
	@tests/matrix
	@$(PARALLEL) $(FLAVOURS:%=module-%) $(SERIES:%=test-module-%-rt) $(GUEST_TESTS)
	@tests/flavours

debug-kernel:
	@lab/debug-kernel 6.12-debug

check-debug: packages debug-kernel
	@$(PARALLEL) module-6.12-debug test-module-6.12-debug $(GUEST_TESTS) $(DIFFERENTIAL) $(DEBUG_TESTS)
	@tests/debug/all $(if $(T),'$(T)')

check-races: packages
	@lab/debug-kernel 6.12-races
	@$(PARALLEL) module-6.12-races test-module-6.12-races $(GUEST_TESTS)
	@tests/run 'data races: tests/debug/races'

shell: packages module-$(KERNEL)
	@$(MAKE) -s $(BENCH)
	@release=$$(cat $$(lab/fetch $(KERNEL))/release) && \
		lab/shell -k $(KERNEL) -m build/$$release/vfio_iommu_type1.ko -p $(BENCH)

.PHONY: machine machine-test
machine:
	@lab/machine/boot $(call one_of,DEBIAN,12 13)

machine-test: deb
	@tests/machine/run $(call one_of,DEBIAN,12 13) \
		build/deb/vfio-stride-dkms_$(VERSION)_all.deb build/deb/vfio-stride-tools_$(VERSION)_amd64.deb

clean:
	rm -rf build
