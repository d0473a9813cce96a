/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/boot/boot.h"
#include "sys/sys.h"

/**
 * gs_observe_boot - how the share on target comes back at boot: files, and the state of its unit
 * @asked: units to be ordered as well; NULL: none
 * @only_looks: nothing is planned by it. Then, and for who is not root, a unit that cannot be asked
 *              is no error: ret->unasked
 */
int gs_observe_boot(struct gs_sys *sys, const char *target, const struct gs_strs *asked,
		    bool only_looks, struct gs_boot *ret, struct gs_err *err);

/** gs_observe_unit - does a unit run? not active where systemd does not run this host */
int gs_observe_unit(struct gs_sys *sys, const char *unit, bool *ret_active, struct gs_err *err);

/** gs_observe_ordered - units that have a drop-in for the share on target */
int gs_observe_ordered(struct gs_sys *sys, const char *target, struct gs_strs *ret,
		       struct gs_err *err);
