/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/peer/node.h"
#include "sys/sys.h"

/**
 * gs_verb_read_input - standard input, where @file is "-"; else nothing
 * Before the deadline begins: whoever writes it may first ask for a password.
 */
int gs_verb_read_input(const char *file, struct gs_str *ret, struct gs_err *err);

/**
 * gs_verb_read_peer - the report of another node
 * @file: an absolute path, or "-"; @text: what standard input had, else empty
 * @ret:  free with gs_node_done()
 * Errors: as gs_report_read(); -ENOENT.
 */
int gs_verb_read_peer(struct gs_sys *sys, const char *file, struct gs_str *text,
		      struct gs_node *ret, struct gs_err *err);
