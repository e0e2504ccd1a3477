// SPDX-License-Identifier: GPL-2.0
/*
 * vfio-stride: VFIO's type1 IOMMU backend, extent by extent.
 *
 * Parameters, and registration with vfio. The module has the in-tree driver's name and parameters,
 * so that what loads and configures that one loads and configures this one.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>

#include "compat/vfio_driver.h"
#include "container.h"

bool stride_unsafe_interrupts;
module_param_named(allow_unsafe_interrupts, stride_unsafe_interrupts, bool, 0644);
MODULE_PARM_DESC(allow_unsafe_interrupts, "Use devices also where interrupts are not isolated");

bool stride_disable_hugepages;
module_param_named(disable_hugepages, stride_disable_hugepages, bool, 0644);
MODULE_PARM_DESC(disable_hugepages, "Map the IOMMU in single pages only");

unsigned int stride_entry_limit = U16_MAX;
module_param_named(dma_entry_limit, stride_entry_limit, uint, 0644);
MODULE_PARM_DESC(dma_entry_limit, "Most mappings that a container may have (65535)");

bool stride_leaf_pins = true;
module_param_named(leaf_pins, stride_leaf_pins, bool, 0644);
MODULE_PARM_DESC(leaf_pins, "Pin a huge page once (default Y); N: once per 4 KiB page");

unsigned int stride_fault_threads = 16;
module_param_named(fault_threads, stride_fault_threads, uint, 0644);
MODULE_PARM_DESC(fault_threads, "Most threads that fault in the memory of one mapping (default 16); 1: the caller alone");

static const struct vfio_iommu_driver_ops driver_ops = {
	.name		= "vfio-stride",
	.owner		= THIS_MODULE,
	.open		= stride_vfio_open,
	.release	= stride_vfio_release,
	.ioctl		= stride_vfio_ioctl,
	.attach_group	= stride_vfio_attach_group,
	.detach_group	= stride_vfio_detach_group,
	.pin_pages	= stride_vfio_pin_pages,
	.unpin_pages	= stride_vfio_unpin_pages,
	.register_device = stride_vfio_register_device,
	.unregister_device = stride_vfio_unregister_device,
	.dma_rw		= stride_vfio_dma_rw,
};

static int __init stride_init(void)
{
	int err = vfio_register_iommu_driver(&driver_ops);

	/* The in-tree driver, of the same name, says nothing. */
	if (!err)
		pr_info("vfio-stride %s\n", STRIDE_VERSION);
	return err;
}

static void __exit stride_exit(void)
{
	vfio_unregister_iommu_driver(&driver_ops);
}

module_init(stride_init);
module_exit(stride_exit);

MODULE_VERSION(STRIDE_VERSION);
MODULE_LICENSE("GPL");
MODULE_AUTHOR("The vfio-stride authors");
MODULE_DESCRIPTION("Type1 IOMMU backend for VFIO, extent by extent (vfio-stride)");
