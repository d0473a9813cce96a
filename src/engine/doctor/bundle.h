/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/bundle/bundle.h"
#include "sys/sys.h"

/**
 * gs_bundle_try - could a bundle be written there? to be asked before anything is looked at
 * Errors: -EEXIST where something is there; -EPERM, causes PATH_OF_OTHERS and LINK_OF_OTHERS.
 */
int gs_bundle_try(struct gs_sys *sys, const char *path, struct gs_err *err);

/**
 * gs_bundle_collect - what somebody who helps would ask for, until the command's end
 * @findings: what doctor has found, as JSON
 * @ret: whole; free with gs_bundle_done(). What cannot be had is named in it. No server is asked.
 */
void gs_bundle_collect(struct gs_sys *sys, struct gs_span findings, struct gs_bundle *ret);

/** gs_bundle_write - a new file with it, whole or not at all; errors: as gs_bundle_try() */
int gs_bundle_write(struct gs_sys *sys, const char *path, const struct gs_bundle *bundle,
		    struct gs_err *err);
