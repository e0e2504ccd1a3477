// SPDX-License-Identifier: GPL-2.0
/*
 * vfio-stride: VFIO's type1 IOMMU backend, extent by extent.
 *
 * Parameters, and registration with vfio. The module has the in-tree driver's name and parameters,
 * so that what loads and configures that one loads and configures this one.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/vfio.h>

#include "compat/vfio_driver.h"
#include "container.h"

bool stride_unsafe_interrupts;
module_param_named(allow_unsafe_interrupts, stride_unsafe_interrupts, bool, 0644);
MODULE_PARM_DESC(allow_unsafe_interrupts, "Use devices also where interrupts are not isolated");

bool stride_disable_hugepages;
module_param_named(disable_hugepages, stride_disable_hugepages, bool, 0644);
MODULE_PARM_DESC(disable_hugepages, "Map the IOMMU in single pages only");

static unsigned int entry_limit = U16_MAX;
module_param_named(dma_entry_limit, entry_limit, uint, 0644);
MODULE_PARM_DESC(dma_entry_limit, "Most mappings that a container may have (65535)");

static bool leaf_pins = true;
module_param(leaf_pins, bool, 0644);
MODULE_PARM_DESC(leaf_pins, "Pin huge pages with one pin each (Y); N pins page by page");

static void *open(unsigned long type)
{
	struct container *container;
	int err;

	if (type != VFIO_TYPE1_IOMMU && type != VFIO_TYPE1v2_IOMMU &&
	    type != VFIO_TYPE1_NESTING_IOMMU)
		return ERR_PTR(-EINVAL);
	container = kzalloc(sizeof(*container), GFP_KERNEL_ACCOUNT);
	if (!container)
		return ERR_PTR(-ENOMEM);
	container->pages = kmalloc_array(STRIDE_BATCH, sizeof(container->pages[0]),
					 GFP_KERNEL_ACCOUNT);
	if (!container->pages)
		goto free;
	err = stride_space_init(&container->space, &stride_kernel_host, (struct stride_space_options){
		.v2 = type != VFIO_TYPE1_IOMMU,
		.leaf_pins = READ_ONCE(leaf_pins),
		.max_mappings = READ_ONCE(entry_limit),
	});
	if (err)
		goto free_pages;

	mutex_init(&container->lock);
	mutex_init(&container->devices_lock);
	container->index = RB_ROOT_CACHED;
	container->holds = RB_ROOT_CACHED;
	INIT_LIST_HEAD(&container->domains);
	INIT_LIST_HEAD(&container->emulated);
	INIT_LIST_HEAD(&container->devices);
	container->nesting = type == VFIO_TYPE1_NESTING_IOMMU;
	return container;

free_pages:
	kfree(container->pages);
free:
	kfree(container);
	return ERR_PTR(-ENOMEM);
}

static void release(void *data)
{
	struct container *container = data;

	mutex_lock(&container->lock);
	stride_detach_all(container);
	mutex_unlock(&container->lock);
	stride_space_fini(&container->space);
	mutex_destroy(&container->devices_lock);
	mutex_destroy(&container->lock);
	kfree(container->pages);
	kfree(container);
}

static long ioctl(void *data, unsigned int cmd, unsigned long arg)
{
	return stride_ioctl(data, cmd, arg);
}

static int attach_group(void *data, struct iommu_group *group, enum vfio_group_type type)
{
	struct container *container = data;
	int err;

	mutex_lock(&container->lock);
	err = stride_attach_group(container, group, type == VFIO_EMULATED_IOMMU);
	mutex_unlock(&container->lock);
	return err;
}

static void detach_group(void *data, struct iommu_group *group)
{
	struct container *container = data;

	mutex_lock(&container->lock);
	stride_detach_group(container, group);
	mutex_unlock(&container->lock);
}

static const struct vfio_iommu_driver_ops driver_ops = {
	.name		= "vfio-stride",
	.owner		= THIS_MODULE,
	.open		= open,
	.release	= release,
	.ioctl		= ioctl,
	.attach_group	= attach_group,
	.detach_group	= detach_group,
	.pin_pages	= stride_vfio_pin_pages,
	.unpin_pages	= stride_vfio_unpin_pages,
	.register_device = stride_vfio_register_device,
	.unregister_device = stride_vfio_unregister_device,
	.dma_rw		= stride_vfio_dma_rw,
};

static int __init stride_init(void)
{
	return vfio_register_iommu_driver(&driver_ops);
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
