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
 * rpcbind tells the port of mountd (RFC 1833, version 2), mountd returns its list (RFC 1813
 * appendix I procedure 5). The connections do not block; a confined child of its own reads each
 * reply, and at most 64 KiB of a list. Extra evidence only: firewalls hide both, and a server of
 * NFSv4 alone may have neither. Errors: -ENOENT where no whole list is available, for whatever
 * reason; -ETIMEDOUT; of the child.
 */
int gs_mountd_list(const char *server, unsigned port, int64_t deadline_ns, struct gs_grants *ret,
		   struct gs_err *err);

/**
 * gs_mountd_take - in the child: turn mountd's encoded list into the text for gs_mountd_parse()
 * @answer: appended to, also where false is returned: then xdr says what is wrong
 * Linked lists in a linked list, each link announced by a one (RFC 1813 section 5.2.5).
 */
bool gs_mountd_take(struct gs_xdr *xdr, struct gs_str *answer);

/**
 * gs_mountd_parse - parse the child's answer
 * Lines "/path" with its clients after it, " client" each; then "all". Returns false, *ret
 * untouched, for anything else.
 */
bool gs_mountd_parse(struct gs_span text, struct gs_grants *ret);
