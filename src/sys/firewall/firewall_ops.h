/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct gs_sys;

/** struct gs_firewall_run - a firewall's program to run; @argv: absolute, NULL at the end */
struct gs_firewall_run {
	const char *const *argv;
	int64_t deadline_ns;
};

/** struct gs_firewall_ops - the firewall of this host; see sys.h */
struct gs_firewall_ops {
	/** is there such a program, and may root run it? */
	bool (*has)(struct gs_sys *, const char *path);
	/** does a process of that name run? One that cannot be looked at may be it */
	bool (*is_running)(struct gs_sys *, const char *name);
	/**
	 * run it to its end
	 * @ret_output: what it printed, untrusted; NULL: not wanted
	 * Errors: -ENOENT where it cannot be started, -ETIMEDOUT, -GS_E_CHILD with its last line
	 */
	int (*run)(struct gs_sys *, const struct gs_firewall_run *, struct gs_str *ret_output,
		   struct gs_err *);
	/** the interface by which packets to the address leave; no packet is sent */
	int (*interface)(struct gs_sys *, const char *addr, struct gs_str *ret, struct gs_err *);
};

extern const struct gs_firewall_ops gs_firewall_host;
