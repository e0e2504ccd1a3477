// SPDX-License-Identifier: GPL-2.0
/*
 * Limits of locked memory and the driver's parameters, both changed at run time.
 */
#include "../guest/limit.h"
#include "operations.h"
#include "world.h"

void limit_make(struct random *r, struct operation *op)
{
	static const uint64_t pages[] = { 0, 1, 100, 600, 1024, 2000, 2000 };

	op->number = random_pick(r, pages);
}

/* locked memory is limited from now on */
void limit_run(const struct operation *op)
{
	limit_set(op->number);
	limit_lift(false);
	say(" %llu -> 0", (unsigned long long)op->number);
}

void lift_run(const struct operation *op)
{
	(void)op;
	limit_lift(true);
	say(" -> 0");
}

static const struct setting {
	const char *name, *value;
} settings[] = {
	{ "dma_entry_limit", "65535" },
	{ "disable_hugepages", "N" },
	{ "allow_unsafe_interrupts", "Y" },
	{ "dma_entry_limit", "65535" },
	{ "dma_entry_limit", "65535" },
	{ "dma_entry_limit", "65535" },
	{ "dma_entry_limit", "65535" },
	{ "dma_entry_limit", "65535" },
	{ "dma_entry_limit", "3" },
	{ "dma_entry_limit", "30" },
	{ "disable_hugepages", "N" },
	{ "disable_hugepages", "Y" },
	{ "allow_unsafe_interrupts", "Y" },
	{ "allow_unsafe_interrupts", "Y" },
	{ "allow_unsafe_interrupts", "Y" },
	{ "allow_unsafe_interrupts", "Y" },
	{ "allow_unsafe_interrupts", "N" },
};

#define FIRST_SETTINGS 3

void parameter_make(struct random *r, struct operation *op)
{
	op->number = random_below(r, sizeof(settings) / sizeof(*settings));
}

void parameter_run(const struct operation *op)
{
	const struct setting *setting = &settings[op->number];

	vfio_parameter_set(setting->name, setting->value, NULL);
	say(" %s=%s -> 0", setting->name, setting->value);
}

/* what a sequence begins with */
void parameters_reset(void)
{
	for (unsigned int i = 0; i < FIRST_SETTINGS; i++)
		vfio_parameter_set(settings[i].name, settings[i].value, NULL);
}
