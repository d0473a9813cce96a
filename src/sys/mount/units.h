/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdint.h>

#include "base/err.h"

/**
 * gs_units_reload - have systemd read /etc/fstab again: it makes a mount unit of each entry
 * Without that, "systemctl start" still mounts what the file no longer has. Does nothing where
 * systemd does not run this host: sd_booted(3). Errors: -ETIMEDOUT, -GS_E_CHILD.
 * Source: systemd-fstab-generator(8).
 */
int gs_units_reload(int64_t deadline_ns, struct gs_err *err);
