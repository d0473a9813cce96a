/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/* True replies of an NFS server and of mountd, for whoever is going to spoil them. */

enum { REPLY_FIELDS = 128 };

/** struct reply - one, without its record mark, and where in it numbers say what follows */
struct reply {
	struct gs_str bytes;
	struct {
		size_t at;
		bool is_size; /* of something that has to be there */
	} field[REPLY_FIELDS];
	size_t n;
};

/** reply_head - RPC's: accepted and carried out */
void reply_head(struct reply *reply, uint32_t xid);

/**
 * reply_compound - NFSv4's results, all good
 * @letters: an operation each: / PUTROOTFH, h PUTFH, l LOOKUP, g GETFH, a ACCESS, r READ, d
 * READDIR, i GETATTR, c CREATE, x REMOVE
 */
void reply_compound(struct reply *reply, const char *letters);

/** reply_exports - mountd's list: two exports, a client */
void reply_exports(struct reply *reply);
