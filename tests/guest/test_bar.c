// SPDX-License-Identifier: GPL-2.0
/*
 * Devices' memory: mapped for another device without a pin and free of charge.
 *
 * The large BAR of pci-testdev has nothing behind it. What DMA really reaches is judged on the
 * registers of the other edu device and, where the machine has one, on the memory of an ivshmem
 * device, which is large enough to be mapped by huge leaves.
 */
#include "fixture.h"
#include "pfnmap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define TESTDEV "0000:00:05.0"
#define TESTDEV_BAR 2
#define SHARED_MEMORY "0000:00:08.0"
#define SHARED_MEMORY_BAR 2
#define SHARED_MEMORY_WORDS "-object memory-backend-ram,id=shared,size=64M,share=on " \
	"-device ivshmem-plain,addr=8,memdev=shared"

#define EDU_ID 0x010000edu
#define EDU_LIVENESS 4		/* what is written there reads back inverted */

static void assert_costs_nothing(void)
{
	assert_int_equal(judge_locked(), 0);
	assert_int_equal(judge_pins(), 0);
}

static void large_bar(void **state)
{
	struct fixture *f = *state;
	uint64_t size;
	char *bar;

	vfio_device_open(&f->device, &f->container, TESTDEV);
	bar = vfio_device_bar(&f->device, TESTDEV_BAR, NULL, &size);
	assert_map(&f->container, IOVA, bar, size);
	assert_costs_nothing();
	assert_unmap(&f->container, IOVA, size);
	munmap(bar, size);
}

static void large_bar_clipped_and_twice(void **state)
{
	struct fixture *f = *state;
	uint64_t size, clipped = 64 * MIB - 8 * PAGE;
	char *bar;

	vfio_device_open(&f->device, &f->container, TESTDEV);
	bar = vfio_device_bar(&f->device, TESTDEV_BAR, NULL, &size);
	assert_map(&f->container, IOVA, bar + 3 * PAGE, clipped);
	assert_map(&f->container, IOVA + GIB + PAGE, bar + 3 * PAGE, clipped);
	assert_costs_nothing();
	assert_unmap(&f->container, IOVA, clipped);
	assert_unmap(&f->container, IOVA + GIB + PAGE, clipped);
	munmap(bar, size);
}

static void registers_of_another_device(void **state)
{
	const uint32_t expected = EDU_ID, question = 0x12345678;
	struct fixture *f = *state;
	volatile uint32_t *liveness;

	edu_open(&f->edu2, &f->container, EDU_SECOND);
	liveness = (volatile uint32_t *)((volatile char *)f->edu2.bar + EDU_LIVENESS);
	assert_map(&f->container, IOVA, (void *)f->edu2.bar, f->edu2.bar_size);
	assert_costs_nothing();
	assert_device_sees(&f->edu, IOVA, &expected, sizeof(expected));
	edu_write(&f->edu, IOVA + EDU_LIVENESS, &question, sizeof(question));
	assert_int_equal(*liveness, ~question);

	assert_unmap(&f->container, IOVA, f->edu2.bar_size);
	judge_expect_faults();
	edu_store(&f->edu, IOVA + EDU_LIVENESS, sizeof(question));
	assert_int_equal(*liveness, ~question);
}

/* the reading mapping comes first, so that no fault refuses the writing one for the driver */
static void read_only_bar(void **state)
{
	const uint32_t expected = EDU_ID, question = 0x12345678;
	struct fixture *f = *state;
	volatile uint32_t *liveness;
	uint64_t size;
	void *bar;

	edu_open(&f->edu2, &f->container, EDU_SECOND);
	bar = (void *)f->edu2.bar;
	size = f->edu2.bar_size;
	liveness = (volatile uint32_t *)((volatile char *)f->edu2.bar + EDU_LIVENESS);
	*liveness = 0;
	assert_int_equal(mprotect(bar, size, PROT_READ), 0);
	assert_int_equal(vfio_map(&f->container, IOVA, bar, size, DEVICE_READ), 0);
	assert_int_equal(vfio_map(&f->container, IOVA + GIB, bar, size, DEVICE_BOTH), -EFAULT);
	assert_int_equal(vfio_map(&f->container, IOVA + GIB, bar, PAGE, DEVICE_WRITE), -EFAULT);
	assert_device_sees(&f->edu, IOVA, &expected, sizeof(expected));
	judge_expect_faults();
	edu_write(&f->edu, IOVA + EDU_LIVENESS, &question, sizeof(question));
	assert_int_equal(*liveness, ~0u);
}

/* a switched off BAR is not there; switched on again, it is to be faulted in again */
static void bar_switched_off_and_on(void **state)
{
	const uint32_t expected = EDU_ID;
	struct fixture *f = *state;
	uint64_t size;
	void *bar;

	edu_open(&f->edu2, &f->container, EDU_SECOND);
	bar = (void *)f->edu2.bar;
	size = f->edu2.bar_size;
	vfio_device_enable_bars(&f->edu2.device, false);
	assert_int_equal(vfio_map(&f->container, IOVA, bar, size, DEVICE_BOTH), -EFAULT);
	vfio_device_enable_bars(&f->edu2.device, true);
	assert_map(&f->container, IOVA, bar, size);
	assert_device_sees(&f->edu, IOVA, &expected, sizeof(expected));
}

/* one mapping over memory, a BAR and memory again */
static void bar_between_memory(void **state)
{
	const uint32_t expected = EDU_ID;
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, 2 * MIB);
	char *bar = m->at + 64 * PAGE;
	uint64_t size;

	edu_open(&f->edu2, &f->container, EDU_SECOND);
	vfio_device_bar(&f->edu2.device, 0, bar, &size);
	assert_map(&f->container, IOVA, m->at, m->size);
	assert_int_equal(judge_locked(), m->size - size);
	assert_reaches(&f->edu, IOVA + 63 * PAGE, m->at + 63 * PAGE, REACH);
	assert_device_sees(&f->edu, IOVA + 64 * PAGE, &expected, sizeof(expected));
	assert_reaches(&f->edu, IOVA + 64 * PAGE + size, bar + size, REACH);
}

static void write_to(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

/* the BAR of the device with memory behind it; without one the test is skipped */
static char *shared_memory(struct fixture *f, uint64_t *size)
{
	if (access("/sys/bus/pci/devices/" SHARED_MEMORY, F_OK)) {
		print_message("# no device at %s: start QEMU with %s\n", SHARED_MEMORY,
			      SHARED_MEMORY_WORDS);
		skip();
	}
	write_to("/sys/bus/pci/devices/" SHARED_MEMORY "/driver_override", "vfio-pci");
	write_to("/sys/bus/pci/drivers_probe", SHARED_MEMORY);
	vfio_device_open(&f->device, &f->container, SHARED_MEMORY);
	vfio_device_enable_bars(&f->device, true);
	return vfio_device_bar(&f->device, SHARED_MEMORY_BAR, NULL, size);
}

static void shared_memory_of_a_device(void **state)
{
	struct fixture *f = *state;
	uint64_t size, clipped;
	char *bar = shared_memory(f, &size);

	clipped = size - 400 * PAGE;
	assert_map(&f->container, IOVA + 300 * PAGE, bar + 300 * PAGE, clipped);
	assert_costs_nothing();
	assert_reaches(&f->edu, IOVA + 300 * PAGE, bar + 300 * PAGE, REACH);
	assert_reaches(&f->edu, IOVA + 3 * THP_SIZE - EDU_MAX / 2, bar + 3 * THP_SIZE - EDU_MAX / 2,
		       EDU_MAX);
	assert_reaches(&f->edu, IOVA + size - 100 * PAGE - REACH, bar + size - 100 * PAGE - REACH,
		       REACH);
	assert_unmap(&f->container, IOVA + 300 * PAGE, clipped);
	assert_unreachable(&f->edu, IOVA + THP_SIZE, bar + THP_SIZE);

	assert_map(&f->container, IOVA + 5 * PAGE, bar + THP_SIZE, 2 * THP_SIZE);
	assert_reaches(&f->edu, IOVA + 5 * PAGE + THP_SIZE, bar + 2 * THP_SIZE, REACH);
	munmap(bar, size);
}

/* pages of one mapping that lie in the BAR in this order */
static const struct order {
	const char *title;
	unsigned int pages[4];
	int prot;
} orders[] = {
	{ "pages_ascending", { 0, 1, 2, 3 }, PROT_READ },
	{ "pages_descending", { 3, 2, 1, 0 }, PROT_READ },
	{ "pages_ascending_without_access", { 0, 1, 2, 3 }, PROT_NONE },
	{ "pages_descending_without_access", { 3, 2, 1, 0 }, PROT_NONE },
	{ "pages_shuffled_without_access", { 1, 0, 3, 2 }, PROT_NONE },
};

/* x86 inverts the pfns of entries without access: there, what descends looks like what ascends */
static void pages_in_order(void **state)
{
	struct fixture *f = *state;
	const struct order *order = f->variant;
	uint64_t size, first = pfnmap_of_bar(SHARED_MEMORY, SHARED_MEMORY_BAR), pfns[4];
	char bytes[4 * PAGE], *bar = shared_memory(f, &size);
	void *at;

	reach_fill(bytes, sizeof(bytes));
	memcpy(bar, bytes, sizeof(bytes));
	munmap(bar, size);
	for (int i = 0; i < 4; i++)
		pfns[i] = first + order->pages[i];
	at = pfnmap_get(pfns, 4);
	assert_int_equal(mprotect(at, 4 * PAGE, order->prot), 0);
	assert_int_equal(vfio_map(&f->container, IOVA, at, 4 * PAGE, DEVICE_READ), 0);
	assert_costs_nothing();
	for (int i = 0; i < 4; i++)
		assert_device_sees(&f->edu, IOVA + i * PAGE, bytes + order->pages[i] * PAGE, REACH);
	munmap(at, 4 * PAGE);
}

int main(void)
{
	const struct CMUnitTest alone[] = {
		guest_test(large_bar),
		guest_test(large_bar_clipped_and_twice),
		guest_test(registers_of_another_device),
		guest_test(read_only_bar),
		guest_test(bar_switched_off_and_on),
		guest_test(bar_between_memory),
		guest_test(shared_memory_of_a_device),
	};
	struct CMUnitTest tests[guest_rows(alone) + guest_rows(orders)], *next = tests;

	memcpy(next, alone, sizeof(alone));
	next += guest_rows(alone);
	guest_add_rows(next, orders, pages_in_order);
	return cmocka_run_group_tests_name("bar", tests, NULL, NULL);
}
