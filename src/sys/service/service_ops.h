/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"

struct gs_sys;

/** struct gs_service_ops - units of the systemd that runs this host; see sys.h */
struct gs_service_ops {
	/** does systemd run this host? the other entries are not called where it does not */
	bool (*runs)(struct gs_sys *);
	/** what "systemctl show" says of units; a unit without a file has a block, too */
	int (*show)(struct gs_sys *, const struct gs_strs *units, const char *properties,
		    struct gs_str *ret, struct gs_err *);
	/** all units that are ordered before these: systemctl(1), list-dependencies --after */
	int (*earlier)(struct gs_sys *, const struct gs_strs *units, struct gs_strs *ret,
		       struct gs_err *);
	/**
	 * have systemd read its files, then start the unit; one that runs is restarted
	 * Errors: -GS_E_CHILD with systemctl's first line; -ETIMEDOUT.
	 */
	int (*start)(struct gs_sys *, const char *unit, struct gs_err *);
	/**
	 * and forget that it failed, and that other did: a unit that does not run, or is not known,
	 * is no error
	 */
	int (*stop)(struct gs_sys *, const char *unit, const char *other, struct gs_err *);
	/** have these started, and do not wait for it */
	int (*start_later)(struct gs_sys *, const struct gs_strs *units, struct gs_err *);
	/** the kernel's last messages, by journalctl(1); some users may not read them */
	int (*kernel_log)(struct gs_sys *, struct gs_str *ret, struct gs_err *);
};

extern const struct gs_service_ops gs_service_host;
