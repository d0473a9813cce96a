/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <netinet/in.h>

#include "core/firewall/ruleset.h"

/*
 * What the loaded rules do with the first packet of a TCP connection. All base chains that it goes
 * through count, since what one of them accepts the next may drop. A match that is not understood
 * is followed both ways: where that matters the answer is UNCLEAR, which is no finding.
 */

/**
 * struct gs_nf_packet - from whom, by which way, to where
 * @family: 4, 6
 * @from, @prefix: a host, or a network: all of it
 * @to: the address of this host that it is sent to; @has_to: it is known
 * @interface: where the route to @from leaves; so the reverse path filter lets it in. NULL: not
 *              known
 */
struct gs_nf_packet {
	unsigned family;
	unsigned char from[GS_NF_BYTES], to[GS_NF_BYTES];
	bool has_to;
	unsigned prefix;
	const char *interface;
	unsigned port;
};

enum gs_fate { GS_FATE_ADMITTED, GS_FATE_DROPPED, GS_FATE_REJECTED, GS_FATE_UNCLEAR };

/**
 * struct gs_way_in - what becomes of it, and what decides; borrowed from the rules
 * @rule: NULL: the chain's policy; both NULL: nothing stops it
 * @address, @is_partly: of a network: one that is kept out, while others get in
 */
struct gs_way_in {
	enum gs_fate way;
	const struct gs_nf_table *table;
	const struct gs_nf_chain *chain;
	const struct gs_nf_rule *rule;
	bool is_partly;
	char address[INET6_ADDRSTRLEN];
};

void gs_way_in(const struct gs_ruleset *rules, const struct gs_nf_packet *packet,
	       struct gs_way_in *ret);

/** gs_way_in_chain - the same where this base chain alone is there */
void gs_way_in_chain(const struct gs_nf_table *table, const struct gs_nf_chain *chain,
		     const struct gs_nf_packet *packet, struct gs_way_in *ret);

/** gs_way_in_tell - "table inet filter, chain input: policy drop"; untrusted */
void gs_way_in_tell(const struct gs_way_in *way, struct gs_str *out);
