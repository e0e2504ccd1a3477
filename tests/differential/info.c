// SPDX-License-Identifier: GPL-2.0
/*
 * Questions to a container, and calls that it does not know.
 */
#include "operations.h"
#include "world.h"
#include "../guest/info.h"

#include <string.h>

void extension_make(struct random *r, struct operation *op)
{
	static const uint64_t others[] = { 0, 1000, 1ull << 32 | 1, ~0ull };

	op->number = random_chance(r, 90) ? random_below(r, 14) : random_pick(r, others);
}

void extension_run(const struct operation *op)
{
	say(" c%u %lld", container_of(op), (long long)op->number);
	say_result(vfio_call(&world->containers[container_of(op)], VFIO_CHECK_EXTENSION,
			     (void *)(uintptr_t)op->number));
}

void info_make(struct random *r, struct operation *op)
{
	static const uint32_t sizes[] = {
		0, 8, 12, 15, 16, 17, 20, 23, 24, 32, 64, 100, 111, 112, 120, 150, 4096, 4096, ~0u,
	};

	op->argsz = random_pick(r, sizes);
	op->spoil = sequence_spoil(r);
}

static void say_capability(const struct vfio_info_cap_header *header)
{
	const struct vfio_iommu_type1_info_cap_iova_range *ranges = (const void *)header;
	const struct vfio_iommu_type1_info_cap_migration *migration = (const void *)header;
	const struct vfio_iommu_type1_info_dma_avail *entries = (const void *)header;

	say(" %u.%u:", header->id, header->version);
	switch (header->id) {
	case VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE:
		for (uint32_t i = 0; i < ranges->nr_iovas && i < 16; i++)
			say(" [0x%llx, 0x%llx]", ranges->iova_ranges[i].start,
			    ranges->iova_ranges[i].end);
		break;
	case VFIO_IOMMU_TYPE1_INFO_CAP_MIGRATION:
		say(" 0x%x 0x%llx 0x%llx", migration->flags, migration->pgsize_bitmap,
		    migration->max_dirty_bitmap_size);
		break;
	case VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL:
		say(" %u", entries->avail);
		break;
	}
}

static void say_capabilities(const union info *answer)
{
	const struct vfio_info_cap_header *header;
	uint32_t at = answer->info.cap_offset;

	for (unsigned int i = 0; at && at <= sizeof(*answer) - 256 && i < 8; i++) {
		header = (const void *)(answer->room + at);
		say_capability(header);
		at = header->next;
	}
}

/* every byte of what the call may have written, also of what has no name */
static uint64_t sum(const union info *answer)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < sizeof(*answer); i++)
		sum = sum * 0x100000001b3ull + (unsigned char)answer->room[i];
	return sum;
}

void info_run(const struct operation *op)
{
	union info answer;

	memset(&answer, 0xa5, sizeof(answer));
	answer.info.argsz = op->argsz;
	say(" c%u argsz %u", container_of(op), op->argsz);
	if (world_call(op, VFIO_IOMMU_GET_INFO, &answer, sizeof(answer)))
		return;
	say(" argsz %u flags 0x%x sizes 0x%llx", answer.info.argsz, answer.info.flags,
	    answer.info.iova_pgsizes);
	if (op->argsz >= 24 && answer.info.argsz <= op->argsz)
		say_capabilities(&answer);
	say(" sum %016llx", (unsigned long long)sum(&answer));
}

void unknown_make(struct random *r, struct operation *op)
{
	static const uint64_t requests[] = {
		VFIO_GET_API_VERSION, VFIO_IOMMU_ENABLE, VFIO_IOMMU_DISABLE, VFIO_DEVICE_RESET,
		_IO(VFIO_TYPE, VFIO_BASE + 30), _IO('t', 1), 0,
	};

	op->number = random_pick(r, requests);
}

void unknown_run(const struct operation *op)
{
	say(" c%u request 0x%llx", container_of(op), (unsigned long long)op->number);
	say_result(vfio_call(&world->containers[container_of(op)], op->number, NULL));
}
