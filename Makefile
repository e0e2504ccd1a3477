# SPDX-License-Identifier: GPL-2.0
# Targets for people. What the module is made of: Kbuild.

KERNEL ?= 6.12
RELEASE ?= $(shell uname -r)

.DEFAULT_GOAL := help
.PHONY: help module bench demo check shell install uninstall clean

help:
	@echo 'make demo                  the benchmark on both kernels, in-tree driver and stride side by side'
	@echo 'make check                 all tests'
	@echo 'make module KERNEL=6.1     the module for the newest Debian kernel 6.1 (or 6.12)'
	@echo 'make shell KERNEL=6.12     a shell in a machine with the module loaded and devices bound'
	@echo 'make bench                 build/stride-bench, the benchmark for real machines'
	@echo 'make install               the module for the running kernel, preferred to the in-tree one'
	@echo 'make uninstall             back to the in-tree one'
	@echo 'make clean                 remove what was built; cache/ keeps what was downloaded'

module:
	@lab/packages gcc-12 make pahole
	@kernel=$$(lab/fetch $(KERNEL)) && release=$$(cat $$kernel/release) && \
		linux/build $$release $$kernel/headers/linux-headers-$$release $$kernel/lib/modules $$kernel/vmlinux.btf

clean:
	rm -rf build
