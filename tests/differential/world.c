// SPDX-License-Identifier: GPL-2.0
/*
 * What a sequence is run in. See world.h.
 */
#define _GNU_SOURCE
#include "../guest/cm.h"
#include "../guest/judge.h"
#include "../guest/limit.h"
#include "world.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define CALLS 16
#define LIMIT_START 1024	/* pages */

struct world *world;
unsigned int myself;
bool say_aloud;

static int text;
static char *guarded, *guard;	/* a page, and none behind it */

const char *group_name(unsigned int group)
{
	static const char *const names[REALS] = { EDU_FIRST, EDU_SECOND, "0000:00:05.0" };

	return group < REALS ? names[group] : emulated_name(group - REALS);
}

unsigned int container_of(const struct operation *op)
{
	unsigned int other = (op->container + 1) % CONTAINERS;

	if (op->number % 16 && !world->models[op->container].type && world->models[other].type)
		return other;
	return op->container;
}

int group_open(const struct operation *op, unsigned int first, unsigned int last)
{
	unsigned int n = last - first + 1;

	for (unsigned int i = 0; i < n; i++) {
		unsigned int group = first + (op->group + i) % n;

		if (world->groups[group].device >= 0)
			return group;
	}
	return -1;
}

void world_make(int text_fd)
{
	text = text_fd;
	world = mmap(NULL, sizeof(*world), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		     0);
	assert_ptr_not_equal(world, MAP_FAILED);
	for (unsigned int i = 0; i < CONTAINERS; i++)
		vfio_container_open(&world->containers[i], 0);
	for (unsigned int i = 0; i < GROUPS; i++)
		world->groups[i] = (struct group){ -1, -1, -1, 0 };
	for (unsigned int i = 0; i < EDUS; i++)
		edu_open_bare(&world->edus[i], group_name(i));
	areas_share();
}

void world_enter(unsigned int process)
{
	myself = process;
	world->pids[process] = getpid();
	areas_get(process);
	limit_begin(LIMIT_START);
	limit_lift(true);
	guarded = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(guarded, MAP_FAILED);
	guard = guarded + PAGE;
	assert_int_equal(mprotect(guard, PAGE, PROT_NONE), 0);
}

void world_close_containers(void)
{
	for (unsigned int i = 0; i < CONTAINERS; i++)
		close(world->containers[i].fd);
}

void world_close_groups(bool backwards)
{
	for (unsigned int i = 0; i < GROUPS; i++) {
		struct group *group = &world->groups[backwards ? GROUPS - 1 - i : i];

		close(group->device);
		close(group->fd);
		group->device = -1;
	}
}

void say(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vdprintf(text, format, arguments);
	va_end(arguments);
	if (!say_aloud)
		return;
	va_start(arguments, format);
	vdprintf(STDOUT_FILENO, format, arguments);
	va_end(arguments);
}

void say_result(long result)
{
	if (result < 0)
		say(" -> %s", strerrorname_np(-result));
	else
		say(" -> %ld", result);
}

void say_left_out(const char *why)
{
	say(" -> left-out (%s)", why);
}

void say_place(const struct place *place)
{
	say(" %s+0x%llx", area_name(place->area), (unsigned long long)place->offset);
}

static void tell_locked(void)
{
	bool changed = false;

	for (unsigned int i = 0; i < PROCESSES; i++) {
		uint64_t locked = world->pids[i] ? judge_locked_by(world->pids[i]) : 0;

		changed |= locked != world->locked[i];
		world->locked[i] = locked;
	}
	if (changed)
		say("  locked A %llu B %llu\n", (unsigned long long)world->locked[0] / PAGE,
		    (unsigned long long)world->locked[1] / PAGE);
}

static void tell_calls(unsigned int group)
{
	struct emulated emulated = { .device.fd = world->groups[group].device };
	struct emulated_call calls[CALLS];
	unsigned int n;

	if (emulated.device.fd < 0)
		return;
	n = emulated_calls(&emulated, calls, CALLS);
	if (!n)
		return;
	say("  g%u called %u times:", group, n);
	for (unsigned int i = 0; i < n && i < CALLS; i++)
		say(" 0x%llx+0x%llx", (unsigned long long)calls[i].iova,
		    (unsigned long long)calls[i].size);
	say("\n");
}

void world_tell(void)
{
	tell_locked();
	for (unsigned int i = REALS; i < GROUPS; i++)
		tell_calls(i);
}

/* (D17) How much of fresh memory a driver touches before it refuses differs: so all of it is. */
void world_even_out(long result)
{
	if (result == -ENOMEM)
		area_touch(AREA_FRESH);
}

/* the argument as the kernel is to find it; size: at most a page */
static void *place_argument(enum spoil spoil, void *argument, uint64_t size)
{
	uint64_t cut = spoil == SPOIL_END ? 8 : 0;

	if (spoil == SPOIL_NOTHING)
		return argument;
	if (spoil == SPOIL_POINTER)
		return NULL;
	memcpy(guard - size + cut, argument, size - cut);
	if (spoil == SPOIL_WRITING)
		assert_int_equal(mprotect(guarded, PAGE, PROT_READ), 0);
	return guard - size + cut;
}

long world_call(const struct operation *op, unsigned long request, void *argument, uint64_t size)
{
	static const char *const spoilt[] = {
		[SPOIL_POINTER] = " (at no address)",
		[SPOIL_END] = " (its end is not there)",
		[SPOIL_WRITING] = " (read-only)",
	};
	long ret;

	if (op->spoil)
		say("%s", spoilt[op->spoil]);
	ret = vfio_call(&world->containers[container_of(op)], request,
			place_argument(op->spoil, argument, size));
	assert_int_equal(mprotect(guarded, PAGE, PROT_READ | PROT_WRITE), 0);
	world_even_out(ret);
	say_result(ret);
	return ret;
}

char *world_sees(const struct mapping *mapping, const struct place *place, uint64_t iova,
		 uint64_t size)
{
	uint64_t at = iova - mapping->iova;

	if (at >= mapping->size || size > mapping->size - at || !area_has_bytes(place->area))
		return NULL;
	if (place->process != myself && !area_is_shared(place->area))
		return NULL;
	if (place->offset + at + size > area_size(place->area))
		return NULL;
	return area_at(place->area, place->offset + at);
}
