// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * tryboot: asks a Raspberry Pi's firmware to start the other system once.
 *
 * `reboot "0 tryboot"` is how a Pi is told so. The kernel of Raspberry Pi sends the wish to
 * the firmware; mainline's, and so Debian's, knows the mailbox and not the wish. This
 * module is that part alone: when the machine restarts with an argument that contains
 * " tryboot", it sets the firmware's flag, which lasts for one start. Mainline's driver
 * then tells the firmware of the restart, as it always does.
 */
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/of.h>
#include <linux/reboot.h>
#include <linux/string.h>
#include <soc/bcm2835/raspberrypi-firmware.h>

/* The tag that sets flags for the next start, which mainline has no name for. */
#define SET_REBOOT_FLAGS 0x00038064
#define FLAG_TRYBOOT 1

static struct rpi_firmware *firmware;

static int tryboot_notify(struct notifier_block *nb, unsigned long action, void *argument)
{
	u32 flags = FLAG_TRYBOOT;
	int err;

	if (action != SYS_RESTART || !argument || !strstr(argument, " tryboot"))
		return NOTIFY_DONE;
	err = rpi_firmware_property(firmware, SET_REBOOT_FLAGS, &flags, sizeof(flags));
	if (err)
		pr_err("tryboot: the firmware does not take the wish: %d\n", err);
	else
		pr_info("tryboot: the firmware starts the other system once\n");
	return NOTIFY_DONE;
}

static struct notifier_block tryboot_block = {
	.notifier_call = tryboot_notify,
};

static int __init tryboot_init(void)
{
	struct device_node *node;
	int err;

	node = of_find_compatible_node(NULL, NULL, "raspberrypi,bcm2835-firmware");
	if (!node)
		return -ENODEV;
	firmware = rpi_firmware_get(node);
	of_node_put(node);
	if (!firmware)
		return -EPROBE_DEFER;
	err = register_reboot_notifier(&tryboot_block);
	if (err)
		rpi_firmware_put(firmware);
	return err;
}

static void __exit tryboot_exit(void)
{
	unregister_reboot_notifier(&tryboot_block);
	rpi_firmware_put(firmware);
}

module_init(tryboot_init);
module_exit(tryboot_exit);

MODULE_LICENSE("Dual MIT/GPL");
MODULE_DESCRIPTION("Starts the other system of a Raspberry Pi's card once");
