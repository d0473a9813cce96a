/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <sys/types.h>

#include "base/err.h"

/*
 * How far the kernel reads ahead of a program that reads on: /sys/class/bdi/MAJ:MIN/read_ahead_kb,
 * a property of the file system instance that a mount shows. Acts at once; gone with the instance.
 * The number of the device is the mount table's: asking the share for it could block.
 */

/** gs_readahead_get - KiB; 0 where the kernel shows no such value here */
int gs_readahead_get(dev_t dev, unsigned *ret_kib, struct gs_err *err);

/**
 * gs_readahead_settle - wait until udev has handled the instances that appeared
 * nfs-utils has a rule that sets each new one to a value of its own (99-nfs.rules, nfsrahead(5)),
 * some time after the mount: what is set before it is lost. Waits 3 s at most; no udev, no wait.
 */
void gs_readahead_settle(int64_t deadline_ns);

/** gs_readahead_set - no effect and no error where the kernel shows no such value here */
int gs_readahead_set(dev_t dev, unsigned kib, struct gs_err *err);
