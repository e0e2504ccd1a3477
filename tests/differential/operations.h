/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The operations: for each type a function that makes one up and one that runs it, which says what
 * it asks and what came of it, on one line that its caller began.
 */
#ifndef DIFFERENTIAL_OPERATIONS_H
#define DIFFERENTIAL_OPERATIONS_H

#include "sequence.h"

/* group.c */
void join_make(struct random *r, struct operation *op);
void join_run(const struct operation *op);
void leave_make(struct random *r, struct operation *op);
void leave_run(const struct operation *op);
void set_container_run(const struct operation *op);
void unset_container_run(const struct operation *op);
void set_iommu_make(struct random *r, struct operation *op);
void set_iommu_run(const struct operation *op);
void open_device_run(const struct operation *op);
void close_device_run(const struct operation *op);

/* info.c */
void extension_make(struct random *r, struct operation *op);
void extension_run(const struct operation *op);
void info_make(struct random *r, struct operation *op);
void info_run(const struct operation *op);
void unknown_make(struct random *r, struct operation *op);
void unknown_run(const struct operation *op);

/* map.c */
void map_make(struct random *r, struct operation *op);
void map_run(const struct operation *op);
void revalidate_make(struct random *r, struct operation *op);
void revalidate_run(const struct operation *op);

/* unmap.c */
void unmap_make(struct random *r, struct operation *op);
void unmap_dirty_make(struct random *r, struct operation *op);
void invalidate_make(struct random *r, struct operation *op);
void unmap_run(const struct operation *op);

/* dirty.c */
void dirty_start_make(struct random *r, struct operation *op);
void dirty_stop_make(struct random *r, struct operation *op);
void dirty_odd_make(struct random *r, struct operation *op);
void dirty_get_make(struct random *r, struct operation *op);
void dirty_run(const struct operation *op);

/* pins.c */
void pin_make(struct random *r, struct operation *op);
void pin_run(const struct operation *op);
void unpin_make(struct random *r, struct operation *op);
void unpin_run(const struct operation *op);
void touch_make(struct random *r, struct operation *op);
void touch_run(const struct operation *op);
void rw_make(struct random *r, struct operation *op);
void rw_run(const struct operation *op);
void ignore_make(struct random *r, struct operation *op);
void ignore_run(const struct operation *op);

/* dma.c */
void dma_make(struct random *r, struct operation *op);
void dma_run(const struct operation *op);

/* after each operation: what a device reached before and is gone now, it reaches no more */
void dma_look(void);

/* limits.c */
void limit_make(struct random *r, struct operation *op);
void limit_run(const struct operation *op);
void lift_run(const struct operation *op);
void parameter_make(struct random *r, struct operation *op);
void parameter_run(const struct operation *op);
void parameters_reset(void);

/* peer.c */
void peer_end_run(const struct operation *op);

#endif
