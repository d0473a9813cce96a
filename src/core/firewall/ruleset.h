/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

/*
 * The netfilter rules that are loaded, as far as they say what becomes of the first packet of a TCP
 * connection to this host. Readers fill it: gs_ruleset_read_save() from iptables-save(8), the
 * engine from `nft -j list ruleset`. What is not understood is kept as such. Pure.
 */

enum {
	GS_NF_BYTES = 16, /* of a value: an IPv6 address, an interface's name */
	GS_NF_PARTS = 4,  /* of a concatenation, ipv4_addr . inet_service; more: not understood */
};

/** enum gs_nf_key - what a rule looks at */
enum gs_nf_key {
	GS_NF_UNKNOWN, /* something else: it may match, or not */
	GS_NF_ALWAYS,  /* of every such packet the same: it is in a range from 0 to 0 */
	GS_NF_SADDR,
	GS_NF_DADDR,
	GS_NF_IIF,
	GS_NF_FAMILY,	/* 4, 6 */
	GS_NF_PROTOCOL, /* IPPROTO_TCP */
	GS_NF_SPORT,
	GS_NF_DPORT,
	GS_NF_TCP_FLAGS,
	GS_NF_STATE, /* enum gs_nf_state */
	GS_NF_MARK,
	GS_NF_CT_MARK,
	GS_NF_STYPE, /* enum gs_nf_type: of the address it comes from, goes to, is sent to */
	GS_NF_DTYPE,
	GS_NF_PKTTYPE,
	GS_NF_KEYS,
};

/** Words of rules, as numbers. */
enum gs_nf_state {
	GS_NF_NEW = 1,
	GS_NF_UNTRACKED,
	GS_NF_OTHER_STATE, /* of no first packet: established, related, invalid, snat, dnat */
};
enum gs_nf_type { GS_NF_UNICAST = 1, GS_NF_LOCAL, GS_NF_BROADCAST, GS_NF_MULTICAST, GS_NF_OTHER };
enum { GS_NF_FIN = 1, GS_NF_SYN = 2, GS_NF_RST = 4, GS_NF_PSH = 8, GS_NF_ACK = 16, GS_NF_URG = 32 };

/** struct gs_nf_range - both ends; numbers are four bytes in network order, the rest is zero */
struct gs_nf_range {
	unsigned char low[GS_NF_BYTES], high[GS_NF_BYTES];
};

enum gs_nf_end {
	GS_NF_NEXT, /* the next rule */
	GS_NF_ACCEPT,
	GS_NF_DROP,
	GS_NF_REJECT,
	GS_NF_RETURN,
	GS_NF_JUMP,
	GS_NF_GOTO,
	GS_NF_ELSEWHERE, /* another port or host, a program's queue, or not understood */
};

struct gs_nf_verdict {
	enum gs_nf_end end;
	char *chain; /* owned: of JUMP, GOTO */
};

/** struct gs_nf_elem - of a set or map; @is_rest: what no other element matches */
struct gs_nf_elem {
	struct gs_nf_range part[GS_NF_PARTS];
	bool is_rest;
	struct gs_nf_verdict verdict; /* of a map */
};

struct gs_nf_set {
	struct gs_nf_elem *elem;
	size_t n, room;
	bool is_partly; /* it has elements that are not understood */
};

/** struct gs_nf_item - a part of a rule; they are gone through in order */
struct gs_nf_item {
	enum {
		GS_NF_MATCH,	    /* the keys are in the set */
		GS_NF_MAP,	    /* the verdict of the element that matches */
		GS_NF_SET_MARK,	    /* (mark & mask) ^ value */
		GS_NF_SET_CT_MARK,  /* to something */
		GS_NF_LOSE_MARK,    /* to something */
		GS_NF_SET_NO_TRACK, /* connection tracking does not see it */
	} kind;
	enum gs_nf_key key[GS_NF_PARTS];
	size_t keys;
	uint32_t mask; /* of a number, before it is compared; 0: none */
	bool is_negated;
	unsigned family, protocol; /* else no match, negated or not; 0: any */
	struct gs_nf_set set;
	uint32_t value;
};

struct gs_nf_rule {
	struct gs_nf_item *item;
	size_t n, room;
	struct gs_nf_verdict verdict;
	char *text;	 /* as an administrator knows it; untrusted */
	unsigned handle; /* of nft; 0: not known */
};

/** The ways of a packet in, in order; a chain that only others jump to has none. */
enum gs_nf_hook { GS_NF_NO_HOOK, GS_NF_INGRESS, GS_NF_PREROUTING, GS_NF_INPUT, GS_NF_OTHER_HOOK };

struct gs_nf_chain {
	char *name;
	enum gs_nf_hook hook;
	int priority;
	bool drops;   /* its policy */
	char *device; /* of ingress; NULL: not known */
	struct gs_nf_rule *rule;
	size_t n, room;
};

/** enum gs_nf_family - which packets a table sees; others: a table of bridges, of ARP */
enum gs_nf_family { GS_NF_OTHER_FAMILY, GS_NF_INET, GS_NF_IP, GS_NF_IP6, GS_NF_NETDEV };

struct gs_nf_table {
	enum gs_nf_family family;
	char *name;
	bool is_xt;	  /* read from iptables-save */
	bool is_legacy;	  /* of the older tables, which nft does not know */
	const char *tool; /* not owned: the program that changes it, "iptables"; NULL: nft */
	bool may_sleep;	  /* it has a flag that nft did not name: "dormant" perhaps */
	struct gs_nf_chain *chain;
	size_t n, room;
};

struct gs_ruleset {
	struct gs_nf_table *table;
	size_t n, room;
};

void gs_ruleset_done(struct gs_ruleset *rules);

/* ---- for readers ---- */

/** gs_ruleset_add - a table of that family and name, empty; valid until the next is added */
struct gs_nf_table *gs_ruleset_add(struct gs_ruleset *rules, enum gs_nf_family family,
				   struct gs_span name);
struct gs_nf_table *gs_ruleset_find(const struct gs_ruleset *rules, enum gs_nf_family family,
				    struct gs_span name);
/** gs_nf_empty - take all chains out of a table; its family and name stay */
void gs_nf_empty(struct gs_nf_table *table);
struct gs_nf_chain *gs_nf_find_chain(const struct gs_nf_table *table, struct gs_span name);

/** gs_nf_refuses - by its policy, or by a rule of its own; not by a chain that it jumps to */
bool gs_nf_refuses(const struct gs_nf_chain *chain);
/** gs_nf_chain - the chain of that name, made where there is none yet */
struct gs_nf_chain *gs_nf_chain(struct gs_nf_table *table, struct gs_span name);
struct gs_nf_rule *gs_nf_add_rule(struct gs_nf_chain *chain);

/** gs_nf_match - one more match of a rule; its set is empty, valid until the next is added */
struct gs_nf_item *gs_nf_match(struct gs_nf_rule *rule, enum gs_nf_key key);
/** gs_nf_fixed - one that matches always, or never */
void gs_nf_fixed(struct gs_nf_rule *rule, bool matches);
struct gs_nf_elem *gs_nf_add_elem(struct gs_nf_set *set);

void gs_nf_numbers(uint32_t low, uint32_t high, struct gs_nf_range *ret);
uint32_t gs_nf_number(const unsigned char value[GS_NF_BYTES]);
/** gs_nf_interface - a name as nft and iptables write it; @wild: '*', '+' */
void gs_nf_interface(struct gs_span name, char wild, struct gs_nf_range *ret);
/** gs_nf_address - "10.0.0.1", "fd00::"; @ret_family: 4, 6; false: it is none */
bool gs_nf_address(struct gs_span text, unsigned char ret[GS_NF_BYTES], unsigned *ret_family);
/** gs_nf_prefix - the addresses that share the first bits with one */
void gs_nf_prefix(const unsigned char address[GS_NF_BYTES], unsigned family, unsigned bits,
		  struct gs_nf_range *ret);
/** gs_nf_mask_bits - how many bits a mask has; false: it has holes */
bool gs_nf_mask_bits(const unsigned char mask[GS_NF_BYTES], unsigned family, unsigned *ret);
/** gs_nf_hex - "0x8000", "12" */
bool gs_nf_hex(struct gs_span text, uint32_t *ret);
/** gs_nf_number_of - a word of a key as its number: "tcp", "new", "local"; or a number */
bool gs_nf_number_of(enum gs_nf_key key, struct gs_span word, uint32_t *ret);

/**
 * gs_ruleset_read_save - what iptables-save or ip6tables-save printed
 * Tables of nft that are there already (by `nft list ruleset`, which cannot tell the matches of
 * iptables) are replaced.
 * @is_legacy: from iptables-legacy-save
 * @tool: kept with the tables, not copied
 */
void gs_ruleset_read_save(struct gs_ruleset *rules, struct gs_span text, bool is_v6, bool is_legacy,
			  const char *tool);

/** gs_nf_words - the words of a line of iptables-save, without their quotes */
void gs_nf_words(struct gs_span line, struct gs_strs *ret);
