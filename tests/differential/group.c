// SPDX-License-Identifier: GPL-2.0
/*
 * Groups join containers and leave them, in any order and also where they may not.
 */
#include "../guest/cm.h"
#include "operations.h"
#include "world.h"

#include <errno.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define BEYOND (1ull << 47)	/* where no IOMMU's aperture needs to reach */

static long call(int fd, unsigned long request, const void *argument)
{
	int ret = ioctl(fd, request, argument);

	return ret < 0 ? -errno : ret;
}

static bool is_real(unsigned int g)
{
	return g < REALS;
}

/* the groups in a container without a type join when it gets one */
static void count_groups(int container)
{
	struct model *m = &world->models[container];
	unsigned int before = m->real;

	m->real = 0;
	m->emulated = 0;
	for (unsigned int g = 0; g < GROUPS; g++)
		if (world->groups[g].container == container)
			++*(is_real(g) ? &m->real : &m->emulated);
	if (!before && m->real)
		model_pin_all(m);
	if (!m->real && !m->emulated)
		model_empty(m);
}

static const char *why_not_join(const struct operation *op)
{
	const struct model *m = &world->models[op->container];

	if (!is_real(op->group) || m->real)
		return NULL;
	if (model_has_others(m, myself))
		return "D5";	/* the in-tree driver would pin this process's memory */
	if (model_any_from(m, BEYOND))
		return "D13";	/* the in-tree driver would leave it to the IOMMU to refuse this */
	if (model_has_giants(m))
		return "giants";
	return NULL;
}

static long set_container(const struct operation *op)
{
	struct group *group = &world->groups[op->group];
	long ret;

	if (group->fd < 0)
		group->fd = vfio_group_fd(group_name(op->group));
	assert_true(group->fd >= 0);
	ret = call(group->fd, VFIO_GROUP_SET_CONTAINER, &world->containers[op->container].fd);
	if (!ret) {
		group->container = op->container;
		count_groups(op->container);
	}
	world_even_out(ret);
	return ret;
}

static long set_iommu(const struct operation *op)
{
	long ret = vfio_call(&world->containers[op->container], VFIO_SET_IOMMU,
			     (void *)(uintptr_t)op->number);

	if (!ret)
		world->models[op->container].type = op->number;
	world_even_out(ret);
	return ret;
}

/* the device's DMA is off again whenever it was closed */
static long open_device(unsigned int g)
{
	struct group *group = &world->groups[g];
	struct vfio_device device;

	if (group->device >= 0)
		return 0;
	group->device = call(group->fd, VFIO_GROUP_GET_DEVICE_FD, group_name(g));
	if (group->device < 0)
		return group->device;
	device = (struct vfio_device){ .group = group->fd, .fd = group->device };
	if (g < EDUS)
		vfio_device_enable_dma(&device);
	return 0;
}

static void close_device(struct group *group)
{
	if (group->device >= 0)
		close(group->device);
	group->device = -1;
}

static long unset_container(struct group *group)
{
	long ret = call(group->fd, VFIO_GROUP_UNSET_CONTAINER, NULL);
	int container = group->container;

	if (!ret) {
		group->container = -1;
		count_groups(container);
	}
	return ret;
}

void join_make(struct random *r, struct operation *op)
{
	static const unsigned int types[] = {
		VFIO_TYPE1v2_IOMMU, VFIO_TYPE1v2_IOMMU, VFIO_TYPE1v2_IOMMU, VFIO_TYPE1v2_IOMMU,
		VFIO_TYPE1v2_IOMMU, VFIO_TYPE1v2_IOMMU, VFIO_TYPE1_IOMMU, VFIO_TYPE1_NESTING_IOMMU,
	};

	op->number = random_pick(r, types);
}

static void join(const struct operation *op)
{
	const char *why = why_not_join(op);

	say(" g%u c%u", op->group, op->container);
	if (why) {
		say_left_out(why);
		return;
	}
	say_result(set_container(op));
	if (!world->models[op->container].type) {
		say(" as %llu", (unsigned long long)op->number);
		say_result(set_iommu(op));
	}
	say_result(open_device(op->group));
}

/* a group of the same sort that is in no container, if there is any */
static unsigned int free_group(unsigned int wanted)
{
	for (unsigned int i = 0; i < GROUPS; i++) {
		unsigned int g = (wanted + i) % GROUPS;

		if (world->groups[g].container < 0 && is_real(g) == is_real(wanted))
			return g;
	}
	return wanted;
}

/* all that it takes to use a device */
void join_run(const struct operation *op)
{
	struct operation other = *op;

	other.group = free_group(op->group);
	join(&other);
}

/* of any sort, also when most groups that join are of one */
void leave_make(struct random *r, struct operation *op)
{
	if (op->number)
		op->group = random_below(r, GROUPS);
}

/* mostly one that can leave */
void leave_run(const struct operation *op)
{
	int open = op->number % 8 ? group_open(op, 0, GROUPS - 1) : -1;
	unsigned int g = open < 0 ? op->group : (unsigned int)open;

	say(" g%u", g);
	close_device(&world->groups[g]);
	say_result(unset_container(&world->groups[g]));
}

void set_container_run(const struct operation *op)
{
	const char *why = why_not_join(op);

	say(" g%u c%u", op->group, op->container);
	if (why)
		say_left_out(why);
	else
		say_result(set_container(op));
}

void unset_container_run(const struct operation *op)
{
	say(" g%u", op->group);
	say_result(unset_container(&world->groups[op->group]));
}

void set_iommu_make(struct random *r, struct operation *op)
{
	op->number = random_below(r, 12);
}

void set_iommu_run(const struct operation *op)
{
	say(" c%u as %llu", op->container, (unsigned long long)op->number);
	say_result(set_iommu(op));
}

void open_device_run(const struct operation *op)
{
	say(" g%u", op->group);
	say_result(open_device(op->group));
}

void close_device_run(const struct operation *op)
{
	say(" g%u", op->group);
	close_device(&world->groups[op->group]);
	say_result(0);
}
