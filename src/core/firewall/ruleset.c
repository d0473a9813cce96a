/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/firewall/ruleset.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

enum { FOUR = 4, BYTE_BITS = 8 };

static void end_set(struct gs_nf_set *set)
{
	for (size_t i = 0; i < set->n; i++)
		free(set->elem[i].verdict.chain);
	free(set->elem);
}

static void end_rule(struct gs_nf_rule *rule)
{
	for (size_t i = 0; i < rule->n; i++)
		end_set(&rule->item[i].set);
	free(rule->item);
	free(rule->verdict.chain);
	free(rule->text);
}

void gs_nf_empty(struct gs_nf_table *table)
{
	for (size_t i = 0; i < table->n; i++) {
		struct gs_nf_chain *chain = &table->chain[i];

		for (size_t j = 0; j < chain->n; j++)
			end_rule(&chain->rule[j]);
		free(chain->rule);
		free(chain->name);
		free(chain->device);
	}
	free(table->chain);
	*table = (struct gs_nf_table){ .family = table->family, .name = table->name };
}

void gs_ruleset_done(struct gs_ruleset *rules)
{
	for (size_t i = 0; i < rules->n; i++) {
		gs_nf_empty(&rules->table[i]);
		free(rules->table[i].name);
	}
	free(rules->table);
	*rules = (struct gs_ruleset){ 0 };
}

struct gs_nf_table *gs_ruleset_find(const struct gs_ruleset *rules, enum gs_nf_family family,
				    struct gs_span name)
{
	for (size_t i = 0; i < rules->n; i++)
		if (rules->table[i].family == family && !rules->table[i].is_legacy &&
		    gs_span_is_text(name, rules->table[i].name))
			return &rules->table[i];
	return NULL;
}

struct gs_nf_table *gs_ruleset_add(struct gs_ruleset *rules, enum gs_nf_family family,
				   struct gs_span name)
{
	struct gs_nf_table *table;

	gs_grow(&rules->table, rules->n, &rules->room, sizeof *rules->table);
	table = &rules->table[rules->n++];
	*table = (struct gs_nf_table){ .family = family, .name = gs_span_dup(name) };
	return table;
}

struct gs_nf_chain *gs_nf_find_chain(const struct gs_nf_table *table, struct gs_span name)
{
	for (size_t i = 0; i < table->n; i++)
		if (gs_span_is_text(name, table->chain[i].name))
			return &table->chain[i];
	return NULL;
}

struct gs_nf_chain *gs_nf_chain(struct gs_nf_table *table, struct gs_span name)
{
	struct gs_nf_chain *chain = gs_nf_find_chain(table, name);

	if (chain)
		return chain;
	gs_grow(&table->chain, table->n, &table->room, sizeof *table->chain);
	chain = &table->chain[table->n++];
	chain->name = gs_span_dup(name);
	return chain;
}

struct gs_nf_rule *gs_nf_add_rule(struct gs_nf_chain *chain)
{
	gs_grow(&chain->rule, chain->n, &chain->room, sizeof *chain->rule);
	return &chain->rule[chain->n++];
}

struct gs_nf_item *gs_nf_match(struct gs_nf_rule *rule, enum gs_nf_key key)
{
	struct gs_nf_item *item;

	gs_grow(&rule->item, rule->n, &rule->room, sizeof *rule->item);
	item = &rule->item[rule->n++];
	item->key[0] = key;
	item->keys = 1;
	return item;
}

void gs_nf_fixed(struct gs_nf_rule *rule, bool matches)
{
	struct gs_nf_item *item = gs_nf_match(rule, GS_NF_ALWAYS);

	gs_nf_add_elem(&item->set);
	item->is_negated = !matches;
}

struct gs_nf_elem *gs_nf_add_elem(struct gs_nf_set *set)
{
	gs_grow(&set->elem, set->n, &set->room, sizeof *set->elem);
	return &set->elem[set->n++];
}

/* ---- values ---- */

void gs_nf_numbers(uint32_t low, uint32_t high, struct gs_nf_range *ret)
{
	*ret = (struct gs_nf_range){ 0 };
	for (size_t i = 0; i < FOUR; i++) {
		ret->low[i] = (unsigned char)(low >> (FOUR - 1 - i) * BYTE_BITS);
		ret->high[i] = (unsigned char)(high >> (FOUR - 1 - i) * BYTE_BITS);
	}
}

uint32_t gs_nf_number(const unsigned char value[GS_NF_BYTES])
{
	uint32_t number = 0;

	for (size_t i = 0; i < FOUR; i++)
		number = number << BYTE_BITS | value[i];
	return number;
}

void gs_nf_interface(struct gs_span name, char wild, struct gs_nf_range *ret)
{
	bool is_prefix = name.len && name.ptr[name.len - 1] == wild;
	size_t n = name.len - (is_prefix ? 1 : 0);

	*ret = (struct gs_nf_range){ 0 };
	n = n < GS_NF_BYTES ? n : GS_NF_BYTES;
	if (n)
		memcpy(ret->low, name.ptr, n);
	memcpy(ret->high, ret->low, GS_NF_BYTES);
	if (is_prefix)
		memset(ret->high + n, 0xff, GS_NF_BYTES - n);
}

bool gs_nf_address(struct gs_span text, unsigned char ret[GS_NF_BYTES], unsigned *ret_family)
{
	unsigned char bytes[GS_NF_BYTES] = { 0 };
	char word[INET6_ADDRSTRLEN];
	unsigned family = 0;

	if (!text.len || text.len >= sizeof word || gs_span_has_nul(text))
		return false;
	memcpy(word, text.ptr, text.len);
	word[text.len] = '\0';
	if (inet_pton(AF_INET, word, bytes) == 1)
		family = FOUR;
	else if (inet_pton(AF_INET6, word, bytes) == 1)
		family = 6;
	if (!family)
		return false;
	memcpy(ret, bytes, sizeof bytes);
	*ret_family = family;
	return true;
}

void gs_nf_prefix(const unsigned char address[GS_NF_BYTES], unsigned family, unsigned bits,
		  struct gs_nf_range *ret)
{
	struct gs_nf_range range = { 0 };
	size_t n = family == FOUR ? FOUR : GS_NF_BYTES;

	for (size_t i = 0; i < n; i++) {
		size_t before = i * BYTE_BITS;
		unsigned fixed = bits <= before		      ? 0
				 : bits - before >= BYTE_BITS ? BYTE_BITS
							      : (unsigned)(bits - before);
		unsigned host = 0xffU >> fixed;

		range.low[i] = (unsigned char)(address[i] & ~host);
		range.high[i] = (unsigned char)(address[i] | host);
	}
	*ret = range;
}

bool gs_nf_mask_bits(const unsigned char mask[GS_NF_BYTES], unsigned family, unsigned *ret)
{
	size_t bytes = family == FOUR ? FOUR : GS_NF_BYTES;
	struct gs_nf_range range;
	unsigned bits = 0;

	while (bits < bytes * BYTE_BITS && (mask[bits / BYTE_BITS] & 0x80U >> bits % BYTE_BITS))
		bits++;
	gs_nf_prefix(mask, family, bits, &range);
	if (memcmp(range.low, mask, bytes) != 0)
		return false;
	*ret = bits;
	return true;
}

bool gs_nf_hex(struct gs_span text, uint32_t *ret)
{
	static const char digits[] = "0123456789abcdef";
	uint64_t number = 0;

	if (!gs_span_has_prefix(text, "0x")) {
		if (!gs_span_number(text, UINT32_MAX, &number))
			return false;
		*ret = (uint32_t)number;
		return true;
	}
	text = gs_span_from(text, 2);
	if (!text.len || text.len > 2 * sizeof *ret)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		const char *at = memchr(digits, text.ptr[i], sizeof digits - 1);

		if (!at)
			return false;
		number = number << 4 | (uint64_t)(at - digits);
	}
	*ret = (uint32_t)number;
	return true;
}

/* ---- words ---- */

static const struct word {
	enum gs_nf_key key;
	const char *word;
	uint32_t number;
} words[] = {
	{ GS_NF_PROTOCOL, "tcp", IPPROTO_TCP },
	{ GS_NF_PROTOCOL, "udp", IPPROTO_UDP },
	{ GS_NF_PROTOCOL, "icmp", IPPROTO_ICMP },
	{ GS_NF_PROTOCOL, "icmpv6", IPPROTO_ICMPV6 },
	{ GS_NF_PROTOCOL, "ipv6-icmp", IPPROTO_ICMPV6 },
	{ GS_NF_FAMILY, "ipv4", 4 },
	{ GS_NF_FAMILY, "ipv6", 6 },
	{ GS_NF_FAMILY, "ip", 4 },
	{ GS_NF_FAMILY, "ip6", 6 },
	{ GS_NF_STATE, "new", GS_NF_NEW },
	{ GS_NF_STATE, "untracked", GS_NF_UNTRACKED },
	{ GS_NF_STATE, "established", GS_NF_OTHER_STATE },
	{ GS_NF_STATE, "related", GS_NF_OTHER_STATE },
	{ GS_NF_STATE, "invalid", GS_NF_OTHER_STATE },
	{ GS_NF_STATE, "dnat", GS_NF_OTHER_STATE },
	{ GS_NF_STATE, "snat", GS_NF_OTHER_STATE },
	{ GS_NF_TCP_FLAGS, "fin", GS_NF_FIN },
	{ GS_NF_TCP_FLAGS, "syn", GS_NF_SYN },
	{ GS_NF_TCP_FLAGS, "rst", GS_NF_RST },
	{ GS_NF_TCP_FLAGS, "psh", GS_NF_PSH },
	{ GS_NF_TCP_FLAGS, "ack", GS_NF_ACK },
	{ GS_NF_TCP_FLAGS, "urg", GS_NF_URG },
	{ GS_NF_TCP_FLAGS, "ecn", 64 },
	{ GS_NF_TCP_FLAGS, "cwr", 128 },
	{ GS_NF_TCP_FLAGS, "all", 63 },
	{ GS_NF_TCP_FLAGS, "none", 0 },
	{ GS_NF_DTYPE, "unicast", GS_NF_UNICAST },
	{ GS_NF_DTYPE, "local", GS_NF_LOCAL },
	{ GS_NF_DTYPE, "broadcast", GS_NF_BROADCAST },
	{ GS_NF_DTYPE, "multicast", GS_NF_MULTICAST },
	{ GS_NF_DTYPE, "anycast", GS_NF_OTHER },
	{ GS_NF_DTYPE, "blackhole", GS_NF_OTHER },
	{ GS_NF_DTYPE, "unreachable", GS_NF_OTHER },
	{ GS_NF_DTYPE, "prohibit", GS_NF_OTHER },
	{ GS_NF_PKTTYPE, "host", GS_NF_UNICAST },
	{ GS_NF_PKTTYPE, "unicast", GS_NF_UNICAST },
	{ GS_NF_PKTTYPE, "broadcast", GS_NF_BROADCAST },
	{ GS_NF_PKTTYPE, "multicast", GS_NF_MULTICAST },
	{ GS_NF_PKTTYPE, "other", GS_NF_OTHER },
};

/* Any other protocol is not TCP, whatever its name. */
enum { NO_PROTOCOL = 255 };

bool gs_nf_number_of(enum gs_nf_key key, struct gs_span word, uint32_t *ret)
{
	enum gs_nf_key kind = key == GS_NF_STYPE ? GS_NF_DTYPE : key;
	uint64_t number = 0;

	for (size_t i = 0; i < GS_COUNT(words); i++)
		if (words[i].key == kind && word.len == strlen(words[i].word) &&
		    !strncasecmp(word.ptr, words[i].word, word.len)) {
			*ret = words[i].number;
			return true;
		}
	if (gs_span_number(word, UINT32_MAX, &number) && kind != GS_NF_STATE &&
	    kind != GS_NF_DTYPE && kind != GS_NF_PKTTYPE) {
		*ret = (uint32_t)number;
		return true;
	}
	if (kind == GS_NF_PROTOCOL)
		*ret = NO_PROTOCOL;
	return kind == GS_NF_PROTOCOL;
}
