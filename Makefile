# SPDX-License-Identifier: GPL-2.0
# Targets for people. What the module is made of: Kbuild.

VERSION := $(shell sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' dkms.conf)
SERIES := $(shell awk '/^[0-9]/ { print $$1 }' linux/compat/kernels)
KERNEL ?= $(lastword $(SERIES))
RELEASE ?= $(shell uname -r)
HEADERS ?= /lib/modules/$(RELEASE)/build
MODULES = $(DESTDIR)/lib/modules/$(RELEASE)

BENCH := build/stride-bench
DIFFERENTIAL := build/tests/differential/differential
TEST_SOURCES := $(wildcard tests/*/test_*.c)
TESTS := $(patsubst %.c,build/%,$(TEST_SOURCES))
GUEST_TESTS := $(filter build/tests/guest/%,$(TESTS))
HOST_TESTS := $(filter-out $(GUEST_TESTS),$(TESTS))

CFLAGS := -std=gnu11 -O2 -g -Wall -Wextra -MMD -MP
# The engine's tests: no libc may creep into core/, no undefined behaviour anywhere.
HOST_CFLAGS := -std=gnu11 -O1 -g -Wall -Wextra -Wshadow -MMD -MP -Isim -Icore -I. \
	-fsanitize=address,undefined -fno-sanitize-recover=all
HOST_OBJECTS := $(patsubst %.c,build/host/%.o,$(wildcard core/*.c sim/*.c))

.DEFAULT_GOAL := help
.PHONY: help module modules test-modules bench demo check differential shell install uninstall version clean packages
.SECONDARY:

help:
	@echo 'make demo                  the benchmark on both kernels, in-tree driver and stride side by side'
	@echo 'make check                 all tests'
	@echo 'make differential KERNEL=6.12 SECONDS=3600 [SEED=1]   the same random calls to both drivers'
	@echo 'make module KERNEL=6.1     the module for the newest Debian kernel 6.1 (or 6.12)'
	@echo 'make shell KERNEL=6.12     a shell in a machine with the module loaded and devices bound'
	@echo 'make bench                 build/stride-bench, the benchmark for real machines'
	@echo 'make install               the module for the running kernel, preferred to the in-tree one'
	@echo 'make uninstall             back to the in-tree one'
	@echo 'make clean                 remove what was built; cache/ keeps what was downloaded'

packages:
	@lab/packages gcc-12 gcc libc6-dev make pahole perl libjansson-dev libcmocka-dev libbsd-dev \
		python3 gnuplot-nox

# The module

module:
	@lab/packages gcc-12 make pahole perl
	@kernel=$$(lab/fetch $(KERNEL)) && release=$$(cat $$kernel/release) && \
		W=1 linux/build $$release $$kernel/headers/linux-headers-$$release $$kernel/lib/modules \
			$$kernel/vmlinux.btf

modules:
	@for series in $(SERIES); do $(MAKE) -s module KERNEL=$$series >/dev/null || exit; done

# The driver of the guest tests' emulated devices
test-modules:
	@for series in $(SERIES); do \
		kernel=$$(lab/fetch $$series) && release=$$(cat $$kernel/release) && \
			tests/mdev/build $$release $$kernel/headers/linux-headers-$$release || exit; \
	done

install:
	@ko=$$(linux/build $(RELEASE) $(HEADERS)) && install -D -m 644 $$ko $(MODULES)/updates/vfio_iommu_type1.ko
	@depmod -b $(DESTDIR)/ $(RELEASE)
	@echo 'installed; to use it now: rmmod vfio_iommu_type1; modprobe vfio_iommu_type1'

uninstall:
	@rm -f $(MODULES)/updates/vfio_iommu_type1.ko
	@depmod -b $(DESTDIR)/ $(RELEASE)
	@echo 'removed; to use the in-tree driver now: rmmod vfio_iommu_type1; modprobe vfio_iommu_type1'

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

# A 32-bit program; it has no libc.
build/tests/guest32/%: tests/guest32/%.c tests/guest32/%.h
	@mkdir -p $(@D)
	@$(CC) -m32 -std=gnu11 -O2 -Wall -Wextra -ffreestanding -fno-pic -fno-stack-protector \
		-static -nostdlib -o $@ $<

build/tests/guest/test_compat: | build/tests/guest32/ioctl32

-include $(shell find build/host build/guest -name '*.d' 2>/dev/null)

tests: $(TESTS)
.PHONY: tests

# What people run

demo: packages modules
	@$(MAKE) -s $(BENCH)
	@tools/demo

check: packages modules test-modules
	@$(MAKE) -s -j2 tests $(BENCH) $(DIFFERENTIAL)
	@tests/all $(HOST_TESTS)

SECONDS ?= 3600
differential: packages module test-modules
	@$(MAKE) -s -j2 $(DIFFERENTIAL)
	@tests/differential/run $(KERNEL) $$(($(SECONDS) + 600)) -t $(SECONDS) -v $(if $(SEED),-s $(SEED))

shell: packages module
	@$(MAKE) -s $(BENCH)
	@release=$$(cat $$(lab/fetch $(KERNEL))/release) && \
		lab/shell -k $(KERNEL) -m build/$$release/vfio_iommu_type1.ko -p $(BENCH)

clean:
	rm -rf build
