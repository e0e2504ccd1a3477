/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The seam between the engine and its host.
 *
 * The engine knows neither kernel nor libc. A host, the kernel module or the simulator, gives it
 * the types of <host_types.h> and one table of functions. They are called per extent, per batch or
 * per mapping, never per page.
 *
 * Units: IOVAs, user addresses and sizes in bytes, u64; pfns and page counts in pages. Intervals
 * are [first, last], since an IOVA can reach 2^64 - 1.
 *
 * Locks: the host serialises all calls on one space (the module: the container's mutex); the engine
 * takes none. Every function may sleep.
 */
#ifndef STRIDE_HOST_H
#define STRIDE_HOST_H

/* u32, u64, bool, size_t, NULL, errno names, READ_ONCE, __always_inline, STRIDE_*_ORDER */
#include <host_types.h>

#define STRIDE_PAGE_SIZE	(1ULL << STRIDE_PAGE_SHIFT)
#define STRIDE_PMD_PAGES	(1ULL << STRIDE_PMD_ORDER)
#define STRIDE_PUD_PAGES	(1ULL << STRIDE_PUD_ORDER)

#define STRIDE_READ		1	/* the device may read */
#define STRIDE_WRITE		2	/* the device may write */

/*
 * Extents that one call of pin or raw may yield, and the most pages that one call of pin may take.
 */
#define STRIDE_BATCH		512

struct stride_space;
struct stride_mapping;
struct stride_domain;
struct stride_extent;
struct stride_hold;

/**
 * struct stride_leaf - what a process's page table maps from one address on
 * @pfn:	where the address leads
 * @npages:	pages from there on that follow one another: to the end of a leaf, or of a run of
 *		entries of one page that say the same
 * @writable:	the process may write through all of them
 * @exclusive:	it may not, but they are its own anonymous pages: writing would not copy them
 * @folio_order: of the folio around the pinned page; a folio's first pfn is aligned to its size
 */
struct stride_leaf {
	u64 pfn;
	u64 npages;
	bool writable;
	bool exclusive;
	u32 folio_order;
};

/**
 * struct stride_host - what a host does for the engine
 *
 * Functions that return int return 0 or a count, or a negative errno, and then have changed nothing
 * but where they say so. Those that return nothing cannot fail and do not allocate: undoing depends
 * on it.
 */
struct stride_host {
	/* Memory */

	/**
	 * @alloc: memory for the engine's records and bitmaps, not cleared; NULL if there is none
	 */
	void *(*alloc)(size_t bytes);
	/** @free: gives it back; NULL is no memory */
	void (*free)(void *memory);
	/**
	 * @mapping_new: a cleared mapping owned by the calling process (whom it charges); NULL if
	 * there is no memory
	 */
	struct stride_mapping *(*mapping_new)(struct stride_space *space);
	/** @mapping_free: the end of a mapping */
	void (*mapping_free)(struct stride_mapping *mapping);

	/* A space's mappings, ordered by IOVA */

	/** @index_add: enters a mapping, which overlaps no other */
	void (*index_add)(struct stride_space *space, struct stride_mapping *mapping);
	/** @index_del: takes a mapping out */
	void (*index_del)(struct stride_space *space, struct stride_mapping *mapping);
	/** @index_find: the lowest mapping that touches [first, last], or NULL */
	struct stride_mapping *(*index_find)(struct stride_space *space, u64 first, u64 last);

	/* The owner's memory */

	/**
	 * @pin: pins up to @npages (at most STRIDE_BATCH) pages of the mapping's owner from
	 * @vaddr on, one pin per page, for long, and for writing if the mapping is; fills @out
	 * with runs of STRIDE_PAGE or STRIDE_RESERVED (STRIDE_NOPIN for a page that needs no pin,
	 * as the zero page) and returns how many. May take fewer pages than asked, but an error
	 * only for the first; -ENODEV if the owner is gone. Where it finds memory missing, others
	 * may help it to fault in any of @ahead pages from @vaddr on, which are to be pinned next;
	 * they have done when it returns, and what they failed at is found out by the pin.
	 */
	int (*pin)(struct stride_space *space, struct stride_mapping *mapping, u64 vaddr,
		   u32 npages, u64 ahead, struct stride_extent *out);
	/**
	 * @leaf: after @pin gave @pfn for @vaddr: what maps @vaddr now, and @npages at most after
	 * it, and @pfn's folio. False unless the folio is large and the address is mapped to user
	 * memory, or if it is not to be known.
	 */
	bool (*leaf)(struct stride_mapping *mapping, u64 vaddr, u64 npages, u64 pfn,
		     struct stride_leaf *leaf);
	/**
	 * @pfnmap: fills @out with up to STRIDE_BATCH runs of STRIDE_NOPIN for up to @npages of a
	 * raw pfn mapping (VM_PFNMAP) from @vaddr on and returns how many; 0 if there is none at
	 * @vaddr
	 */
	int (*pfnmap)(struct stride_mapping *mapping, u64 vaddr, u64 npages,
		      struct stride_extent *out);
	/** @is_ram: true if any of these pfns is memory that would have to be pinned */
	bool (*is_ram)(u64 pfn, u64 npages);
	/** @pfn_valid: true if this pfn has a struct page, which drivers can be given */
	bool (*pfn_valid)(u64 pfn);
	/**
	 * @unpin: drops the pins of @n extents, of any kind, and marks their pages dirty if
	 * @dirty
	 */
	void (*unpin)(const struct stride_extent *extents, u32 n, bool dirty);

	/* Its locked memory */

	/**
	 * @charge: adds pages to the locked memory of the mapping's owner; -ENOMEM past its
	 * limit, -ENODEV if it is gone
	 */
	int (*charge)(struct stride_mapping *mapping, u64 npages);
	/** @charge_room: how many pages @charge would take at this moment */
	u64 (*charge_room)(const struct stride_mapping *mapping);
	/** @uncharge: takes pages off again, also when the owner is gone */
	void (*uncharge)(struct stride_mapping *mapping, u64 npages);
	/**
	 * @change_owner: makes the calling process the mapping's owner, what it is charged going
	 * over to the new one; -ENOMEM past the limit of that one
	 */
	int (*change_owner)(struct stride_mapping *mapping);

	/* Translations */

	/**
	 * @map: makes @domain translate @iova on to @n extents one after the other: all or none,
	 * unless the IOMMU does not let go of what it had mapped when it failed; then @left
	 * becomes true
	 */
	int (*map)(struct stride_domain *domain, u64 iova, const struct stride_extent *extents,
		   u32 n, u32 prot, bool *left);
	/**
	 * @clear: removes translations of [iova, iova + bytes), without waiting for the IOTLB.
	 * Returns how many bytes from @iova on are clear now: 0 if it cannot, more than asked
	 * where the IOMMU removes only whole leaves, less where it takes several steps.
	 */
	u64 (*clear)(struct stride_domain *domain, u64 iova, u64 bytes);
	/** @sync: returns when no IOTLB holds anything that @clear removed from @domain */
	void (*sync)(struct stride_domain *domain);

	/* What the drivers of emulated devices hold */

	/**
	 * @hold_add: a hold of the page at @iova, cleared but for that, in the index of its
	 * space; NULL if there is no memory
	 */
	struct stride_hold *(*hold_add)(struct stride_space *space, u64 iova);
	/** @hold_del: takes a hold out of the index; the end of it */
	void (*hold_del)(struct stride_space *space, struct stride_hold *hold);
	/** @hold_find: the lowest hold of a page in [first, last], or NULL */
	struct stride_hold *(*hold_find)(struct stride_space *space, u64 first, u64 last);
	/**
	 * @notify_dma_unmap: asks these drivers to let go of what they hold there. Meanwhile the
	 * space is not locked: everything may be different afterwards.
	 */
	void (*notify_dma_unmap)(struct stride_space *space, u64 iova, u64 bytes);

	/* Copies */

	/**
	 * @access: copies between @buffer, the engine's caller's, and memory of the mapping's
	 * owner; returns how many bytes it copied, -EPERM if the owner is gone, -EFAULT if its
	 * memory is out of reach from here
	 */
	long (*access)(struct stride_mapping *mapping, u64 vaddr, void *buffer, u64 bytes,
		       bool write);
	/** @copy_in: from the calling process; -EFAULT */
	int (*copy_in)(void *to, u64 from, u64 bytes);
	/** @copy_out: to the calling process; -EFAULT, and then some may be written */
	int (*copy_out)(u64 to, const void *from, u64 bytes);

	/* The calling thread */

	/** @resched: lets others run */
	void (*resched)(void);
	/** @killed: true if the calling process is being killed */
	bool (*killed)(void);
};

#endif
