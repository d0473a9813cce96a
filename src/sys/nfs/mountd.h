/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "base/types.h"
#include "base/xdr.h"

enum { GS_RPCBIND_PORT = 111 };

/**
 * gs_mountd_list - to whom does a server export what? As rpc.mountd tells everyone who asks
 * @server: numeric address; @port: of its rpcbind, GS_RPCBIND_PORT but for tests
 * rpcbind says where mountd is (RFC 1833, version 2), mountd gives its list (RFC 1813 appendix I
 * procedure 5). Own connections that do not block, each answer read in a confined child of its own;
 * of a list at most 64 KiB are read. Extra evidence only: firewalls hide both, and a server of
 * NFSv4 alone may have neither. Errors: -ENOENT where there is no whole list to be had, whatever
 * hinders; -ETIMEDOUT; of the child.
 */
int gs_mountd_list(const char *server, unsigned port, int64_t deadline_ns, struct gs_grants *ret,
		   struct gs_err *err);

/**
 * gs_mountd_take - in the child: the list as mountd encodes it, as gs_mountd_parse() reads it
 * @answer: added to, also where false is returned: then xdr says what is wrong
 * Linked lists in a linked list, each link announced by a one (RFC 1813 section 5.2.5).
 */
bool gs_mountd_take(struct gs_xdr *xdr, struct gs_str *answer);

/**
 * gs_mountd_parse - what the child answers
 * Lines "/path" with its clients after it, " client" each; then "all". Returns false, *ret
 * untouched, for anything else.
 */
bool gs_mountd_parse(struct gs_span text, struct gs_grants *ret);
