// SPDX-License-Identifier: GPL-2.0
/*
 * What an emulated device does with its container's memory: pin it, use it, copy to and from it.
 *
 * All at page boundaries: (D7) just below a mapping the in-tree driver pins the page before it.
 */
#include "operations.h"
#include "world.h"

#include <string.h>

#define TRANSFER_MAX (3 * PAGE)

#define FLAG_WRITE 1
#define FLAG_KTHREAD 2

/* one that is open, and what is in its container */
struct user {
	unsigned int group;
	struct emulated emulated;
	struct model *model;
};

/* false, having said so, if there is none */
static bool get_user(const struct operation *op, struct user *user)
{
	int group = group_open(op, REALS, GROUPS - 1);

	if (group < 0) {
		say(" -> closed");
		return false;
	}
	user->group = group;
	user->emulated.device.fd = world->groups[group].device;
	user->model = &world->models[world->groups[group].container];
	return true;
}

static void say_where(const struct operation *op, const struct user *user, uint64_t iova)
{
	say(" g%u 0x%llx+0x%llx flags 0x%x", user->group, (unsigned long long)iova,
	    (unsigned long long)op->size, op->flags);
}

/* mostly one of the first pages of a mapping: the same page shall be pinned again and again */
static uint64_t aim_at_mapping(const struct operation *op, const struct user *user)
{
	const struct model *m = user->model;
	uint64_t iova = op->iova;

	if (m->count && op->number % 8) {
		const struct mapping *mapping = &m->mappings[op->number / 8 % m->count];

		iova = mapping->iova + op->iova / PAGE % 4 * PAGE + op->iova % PAGE;
	}
	say_where(op, user, iova);
	return iova;
}

/* mostly what the device pinned last, or the page behind its first */
static uint64_t aim_at_pins(const struct operation *op, const struct user *user)
{
	uint64_t iova = op->iova;

	if (op->number % 8)
		iova = world->groups[user->group].pinned + iova / PAGE % 2 * PAGE + iova % PAGE;
	say_where(op, user, iova);
	return iova;
}

void pin_make(struct random *r, struct operation *op)
{
	static const uint64_t pages[] = { 1, 1, 1, 2, 3, 8, 8, 8, 64, EMULATED_PIN_MAX + 1 };
	static const uint32_t flags[] = { 0, DEVICE_READ, DEVICE_READ, DEVICE_WRITE, DEVICE_BOTH };

	sequence_range(r, op);
	op->size = random_pick(r, pages) * PAGE;
	op->flags = random_pick(r, flags);
}

void pin_run(const struct operation *op)
{
	struct user user;
	uint64_t iova;
	int ret;

	if (!get_user(op, &user))
		return;
	iova = aim_at_mapping(op, &user);
	ret = emulated_pin(&user.emulated, iova, op->size / PAGE, op->flags);
	if (ret > 0)
		world->groups[user.group].pinned = iova;
	say_result(ret);
}

void unpin_make(struct random *r, struct operation *op)
{
	static const uint64_t pages[] = { 1, 1, 2, 3 };

	sequence_range(r, op);
	op->size = random_pick(r, pages) * PAGE;
}

/* how much from the IOVA on the device holds, up to a limit */
static uint64_t held(struct user *user, uint64_t iova, uint64_t limit)
{
	uint64_t size = 0;
	char byte;

	while (size < limit && !emulated_touch(&user->emulated, iova + size, &byte, 1, false))
		size += PAGE;
	return size;
}

void unpin_run(const struct operation *op)
{
	struct user user;
	uint64_t iova, size;

	if (!get_user(op, &user))
		return;
	iova = aim_at_pins(op, &user);
	size = held(&user, iova, op->size);
	if (size)
		emulated_unpin(&user.emulated, iova, size / PAGE);
	say(" -> 0x%llx", (unsigned long long)size);
}

static void make_transfer(struct random *r, struct operation *op)
{
	static const uint64_t sizes[] = { 1, 8, 100, 100, PAGE, PAGE + 1, TRANSFER_MAX };
	static const uint64_t starts[] = { 0, 0, 0, 1, 100, PAGE - 1 };

	sequence_range(r, op);
	op->iova += random_pick(r, starts);
	op->size = random_pick(r, sizes);
	op->fill = random_next(r);
}

void touch_make(struct random *r, struct operation *op)
{
	make_transfer(r, op);
	op->flags = random_below(r, 2);
}

void rw_make(struct random *r, struct operation *op)
{
	make_transfer(r, op);
	op->flags = random_below(r, 4);
}

/* the device has read or written the buffer: is it what this process has there? */
static void say_bytes(struct model *m, uint64_t iova, const char *buffer, uint64_t size)
{
	struct mapping *mapping = model_find(m, iova);
	char *at = mapping ? world_sees(mapping, &mapping->now, iova, size) : NULL;

	if (at)
		say(memcmp(at, buffer, size) ? ", other bytes" : ", right bytes");
}

/*
 * (D6) A write that faults half-way in a mapping: which of its pages are dirty then, the in-tree
 * driver does not say.
 */
static bool may_fault_halfway(struct model *m, uint64_t iova, uint64_t size)
{
	for (uint64_t at = 0; at < size + PAGE; at += PAGE) {
		struct mapping *mapping = model_find(m, iova + at);

		if (mapping && (mapping->now.area == AREA_HOLES ||
				mapping->now.offset + mapping->size > area_size(mapping->now.area)))
			return true;
	}
	return false;
}

/*
 * A driver that writes to what it may only read writes to the zero page, which is everyone's. Where
 * the model knows no mapping, nothing is pinned.
 */
static bool may_write(struct model *m, uint64_t iova, uint64_t size)
{
	for (uint64_t at = iova & ~(PAGE - 1); at < iova + size; at += PAGE) {
		struct mapping *mapping = model_find(m, at);

		if (mapping && !(mapping->prot & DEVICE_WRITE))
			return false;
	}
	return true;
}

/* by the device itself, or by vfio for it: what came of it, and what was there */
static void transfer(const struct operation *op, struct user *user, uint64_t iova, bool by_vfio)
{
	bool write = op->flags & FLAG_WRITE, kthread = op->flags & FLAG_KTHREAD;
	char buffer[TRANSFER_MAX];
	int ret;

	memset(buffer, op->fill, sizeof(buffer));
	if (by_vfio)
		ret = emulated_rw(&user->emulated, iova, buffer, op->size, write, kthread);
	else
		ret = emulated_touch(&user->emulated, iova, buffer, op->size, write);
	say_result(ret);
	if (!ret)
		say_bytes(user->model, iova, buffer, op->size);
}

void touch_run(const struct operation *op)
{
	struct user user;
	uint64_t iova;

	if (!get_user(op, &user))
		return;
	iova = aim_at_pins(op, &user);
	if (op->flags & FLAG_WRITE && !may_write(user.model, iova, op->size))
		say_left_out("read-only");
	else
		transfer(op, &user, iova, false);
}

void rw_run(const struct operation *op)
{
	struct user user;
	uint64_t iova;

	if (!get_user(op, &user))
		return;
	iova = aim_at_mapping(op, &user);
	if (op->flags & FLAG_WRITE && user.model->tracking &&
	    may_fault_halfway(user.model, iova, op->size))
		say_left_out("D6");
	else
		transfer(op, &user, iova, true);
}

/* (D4) far fewer than the in-tree driver would bear before it ends the machine */
void ignore_make(struct random *r, struct operation *op)
{
	op->number = random_below(r, 9);
}

void ignore_run(const struct operation *op)
{
	struct user user;

	if (!get_user(op, &user))
		return;
	emulated_ignore(&user.emulated, op->number);
	say(" g%u %llu -> 0", user.group, (unsigned long long)op->number);
}
