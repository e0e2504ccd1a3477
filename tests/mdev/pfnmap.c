// SPDX-License-Identifier: GPL-2.0
/*
 * A VM_PFNMAP mapping of any pfns in any order, as graphics drivers make them: vfio-pci only ever
 * maps a BAR in ascending order. What is written to the file are the pfns, a __u64 each, what is
 * then mapped from it are their pages.
 */
#include "pfnmap.h"
#include "test_mdev.h"

#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

struct pfn_list {
	u64 n;
	u64 pfns[TEST_MDEV_PFNS_MAX];
};

static int open_list(struct inode *inode, struct file *file)
{
	struct pfn_list *list = kzalloc(sizeof(*list), GFP_KERNEL);

	file->private_data = list;
	return list ? 0 : -ENOMEM;
}

static int release_list(struct inode *inode, struct file *file)
{
	kfree(file->private_data);
	return 0;
}

static ssize_t write_list(struct file *file, const char __user *user, size_t size, loff_t *at)
{
	struct pfn_list *list = file->private_data;

	if (size > sizeof(list->pfns))
		return -EINVAL;
	if (copy_from_user(list->pfns, user, size))
		return -EFAULT;
	list->n = size / sizeof(list->pfns[0]);
	return size;
}

static int map_list(struct file *file, struct vm_area_struct *vma)
{
	struct pfn_list *list = file->private_data;
	int ret = 0;
	u64 i;

	if (vma_pages(vma) != list->n)
		return -EINVAL;
	for (i = 0; !ret && i < list->n; i++)
		ret = remap_pfn_range(vma, vma->vm_start + i * PAGE_SIZE, list->pfns[i], PAGE_SIZE,
				      vma->vm_page_prot);
	return ret;
}

static const struct file_operations operations = {
	.owner = THIS_MODULE,
	.open = open_list,
	.release = release_list,
	.write = write_list,
	.mmap = map_list,
};

static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = TEST_MDEV_PFNMAP,
	.fops = &operations,
};

int pfnmap_register(void)
{
	return misc_register(&device);
}

void pfnmap_unregister(void)
{
	misc_deregister(&device);
}
