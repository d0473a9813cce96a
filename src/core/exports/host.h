/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"
#include "core/exports/option.h"

/* A client as exports(5) writes it, and as the command line accepts it. */

enum {
	GS_HOST_NAME_MAX = 253, /* RFC 1035 section 2.3.4, as text without the final dot */
	GS_HOST_LABEL_MAX = 63, /* RFC 1035 section 2.3.4 */
	GS_HOST_WIDE_V4 = 24,	/* a shorter prefix is wide: more than one rack's worth of hosts */
	GS_HOST_WIDE_V6 = 64,	/* a shorter prefix is wide: more than one link */
};

enum gs_host_kind {
	GS_HOST_OTHER, /* the zero value; in a file: an address or mask that cannot be read */
	GS_HOST_ADDR,
	GS_HOST_NET,
	GS_HOST_NAME,
	GS_HOST_WILDCARD,
	GS_HOST_NETGROUP,
	GS_HOST_ANYONE, /* "*", or no client at all */
	GS_HOST_GSS,	/* "gss/…", obsolete: sec= took its place */
};

/**
 * struct gs_hostspec - one client
 * @addr:   network order, host bits zero; 4 bytes used of v4; only of ADDR and NET
 * @prefix: bits; 32 or 128 of ADDR; only of ADDR and NET
 * @text:   canonical, owned: lower case, shortest address, "ADDR/PREFIX", "*" for anyone.
 *          A /32 (v6: /128) is its address. Two clients are the same when kind and text are.
 */
struct gs_hostspec {
	enum gs_host_kind kind;
	bool is_v6;
	unsigned char addr[16];
	unsigned prefix;
	char *text;
};

/**
 * gs_hostspec_parse - parse what a user types; refuses what exportfs could read differently
 * @spec: filled on success, untouched on failure; free with gs_hostspec_done()
 * Errors: -GS_E_USAGE with the fact, and what to type instead where that is known. Never OTHER,
 * GSS.
 * "[fd00::1]" loses its brackets, a contiguous dotted mask becomes its prefix length.
 * Wildcards, netgroups and wide networks are valid: see gs_hostspec_is_wide().
 * Source: exports(5) "Machine Name Formats"; RFC 1123 section 2.1 for names ('_' is allowed).
 */
int gs_hostspec_parse(struct gs_span text, struct gs_hostspec *spec, struct gs_err *err);

/**
 * gs_hostspec_parse_follower - HOST, HOST:ro or HOST:rw
 * @ret_given: false where no access is given; *ret_access is GS_ACCESS_RW then
 * Errors: as gs_hostspec_parse()
 */
int gs_hostspec_parse_follower(struct gs_span text, struct gs_hostspec *spec,
			       enum gs_access *ret_access, bool *ret_given, struct gs_err *err);

/**
 * gs_hostspec_check_client - can a client have this address, or one of this network?
 * Errors: -GS_E_USAGE for loopback, multicast, broadcast and 0.0.0.0/8. Only for new entries: one
 * that stands in a file can still be named to remove it.
 */
int gs_hostspec_check_client(const struct gs_hostspec *spec, struct gs_err *err);

/**
 * gs_hostspec_read - a client word of an exports file, the way exportfs reads it
 * Never fails; what exportfs cannot read is OTHER with its text. "10.0.0.7/8" is the network
 * 10.0.0.0/8, "10.0.0.5/" is everyone on IPv4, "[fd00::1]" is a wildcard.
 * Source: nfs-utils support/export/client.c client_gettype(), init_netmask().
 */
void gs_hostspec_read(struct gs_span text, struct gs_hostspec *spec);

void gs_hostspec_copy(const struct gs_hostspec *from, struct gs_hostspec *to); /* to: empty */
void gs_hostspec_done(struct gs_hostspec *spec);

/** gs_hostspec_is_wide - does it cover more than a few hosts, or an unknown number? */
bool gs_hostspec_is_wide(const struct gs_hostspec *spec);

/**
 * gs_hostspec_is_near - may one be a mistyped other: a character more, less, other, or two swapped?
 * False of the same text.
 */
bool gs_hostspec_is_near(const struct gs_hostspec *a, const struct gs_hostspec *b);

/** gs_hostspec_is_same - are both the same client, however spelled? */
bool gs_hostspec_is_same(const struct gs_hostspec *a, const struct gs_hostspec *b);

/**
 * gs_host_rank - of several entries that cover one host the one with the lowest rank counts
 * 0 for a single host, then network, wildcard, netgroup, anyone. Of two entries of one rank the
 * first in the order of the files counts, however narrow the other is.
 * Source: nfs-utils utils/mountd/cache.c lookup_export(), support/include/exportfs.h MCL_*.
 */
unsigned gs_host_rank(const struct gs_hostspec *spec);

/**
 * gs_hostspec_covers - is every host of b one of a, as far as the text tells?
 * A wildcard covers the names that it matches; nothing is resolved.
 */
bool gs_hostspec_covers(const struct gs_hostspec *a, const struct gs_hostspec *b);
