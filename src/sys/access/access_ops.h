/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "sys/access/access.h"
#include "sys/access/visibility.h"

struct gs_sys;

/** struct gs_access_ops - what a user can really do; see sys.h */
struct gs_access_ops {
	/** gs_access_probe() */
	int (*probe)(struct gs_sys *, const struct gs_access_req *, size_t n,
		     struct gs_access_result *ret, struct gs_err *);
	/** how soon a name that another client made is seen: gs_seen_measure() */
	int (*seen)(struct gs_sys *, const struct gs_seen_req *, unsigned *ret_us, struct gs_err *);
};

extern const struct gs_access_ops gs_access_host;
