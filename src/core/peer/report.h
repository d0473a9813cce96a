/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "core/peer/node.h"

/*
 * The report of a node as a text, for another node to read: a line that names the version, a line a
 * fact, and a line with a checksum of all before it. Words are separated by a space; in a word a
 * space, a backslash and all that is not printable ASCII is \ooo. "-" is what is not known.
 * The checksum tells what was cut or edited by mistake; it proves nothing of who wrote it.
 */

enum { GS_REPORT_BYTES = 64 << 10 };

/** gs_report_node - at most GS_REPORT_BYTES; what does not fit is counted */
void gs_report_node(const struct gs_node *node, struct gs_str *out);

/**
 * gs_report_read - the same back; every byte of it may be hostile
 * @name: of the file, for messages: "FILE:3"
 * @node: filled on success, untouched on failure
 * Errors: -EBADMSG, cause PEER_REPORT_BAD; -EFBIG over GS_REPORT_BYTES.
 */
int gs_report_read(struct gs_span text, const char *name, struct gs_node *node, struct gs_err *err);
