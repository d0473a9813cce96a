/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <sys/types.h>

#include "base/err.h"

/*
 * How far the kernel reads ahead of a sequential reader: /sys/class/bdi/MAJ:MIN/read_ahead_kb, a
 * property of the file system instance behind a mount. A change acts at once and is lost with the
 * instance. The device number comes from the mount table: asking the share for it could block.
 */

/** gs_readahead_get - KiB; 0 where the kernel shows no such value here */
int gs_readahead_get(dev_t dev, unsigned *ret_kib, struct gs_err *err);

/**
 * gs_readahead_settle - wait until udev has handled the instances that appeared
 * nfs-utils has a rule that sets each new instance to its own value (99-nfs.rules, nfsrahead(5)),
 * some time after the mount: a value set before that is lost. Waits 3 s at most; without udev, not
 * at all.
 */
void gs_readahead_settle(int64_t deadline_ns);

/** gs_readahead_set - no effect and no error where the kernel shows no such value here */
int gs_readahead_set(dev_t dev, unsigned kib, struct gs_err *err);
