// SPDX-License-Identifier: GPL-2.0
/*
 * Emulated devices for the guest tests: a driver of the mdev bus and a parent device, under which
 * two can be created: tests/guest/emulated.c. And a file that maps pfns: tests/guest/pfnmap.c
 */
#include "device.h"
#include "pfnmap.h"

#include <linux/module.h>

static struct mdev_driver driver = {
	.device_api = "test",
	.max_instances = 2,
	.probe = emulated_create,
	.remove = emulated_remove,
	.driver = {
		.name = "test_mdev",
		.owner = THIS_MODULE,
		.mod_name = KBUILD_MODNAME,
	},
};

static struct mdev_type type = { .sysfs_name = "any", .pretty_name = "any" };
static struct mdev_type *types[] = { &type };
static struct mdev_parent parent;
static struct device *parent_device;

static int __init test_mdev_init(void)
{
	int ret = mdev_register_driver(&driver);

	if (ret)
		return ret;
	parent_device = root_device_register("test_mdev");
	ret = PTR_ERR_OR_ZERO(parent_device);
	if (ret)
		goto unregister_driver;
	ret = mdev_register_parent(&parent, parent_device, &driver, types, ARRAY_SIZE(types));
	if (ret)
		goto unregister_device;
	ret = pfnmap_register();
	if (ret)
		goto unregister_parent;
	return 0;

unregister_parent:
	mdev_unregister_parent(&parent);
unregister_device:
	root_device_unregister(parent_device);
unregister_driver:
	mdev_unregister_driver(&driver);
	return ret;
}

static void __exit test_mdev_exit(void)
{
	pfnmap_unregister();
	mdev_unregister_parent(&parent);
	root_device_unregister(parent_device);
	mdev_unregister_driver(&driver);
}

module_init(test_mdev_init);
module_exit(test_mdev_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("emulated devices for the tests of vfio-stride");
