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

bool gs_nf_refuses(const struct gs_nf_chain *chain)
{
	for (size_t i = 0; i < chain->n; i++)
		if (chain->rule[i].verdict.end == GS_NF_DROP ||
		    chain->rule[i].verdict.end == GS_NF_REJECT)
			return true;
	return chain->drops;
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
	const char *word;
	enum gs_nf_key key;
	uint32_t number;
} words[] = {
	{ "tcp", GS_NF_PROTOCOL, IPPROTO_TCP },
	{ "udp", GS_NF_PROTOCOL, IPPROTO_UDP },
	{ "icmp", GS_NF_PROTOCOL, IPPROTO_ICMP },
	{ "icmpv6", GS_NF_PROTOCOL, IPPROTO_ICMPV6 },
	{ "ipv6-icmp", GS_NF_PROTOCOL, IPPROTO_ICMPV6 },
	{ "ipv4", GS_NF_FAMILY, 4 },
	{ "ipv6", GS_NF_FAMILY, 6 },
	{ "ip", GS_NF_FAMILY, 4 },
	{ "ip6", GS_NF_FAMILY, 6 },
	{ "new", GS_NF_STATE, GS_NF_NEW },
	{ "untracked", GS_NF_STATE, GS_NF_UNTRACKED },
	{ "established", GS_NF_STATE, GS_NF_OTHER_STATE },
	{ "related", GS_NF_STATE, GS_NF_OTHER_STATE },
	{ "invalid", GS_NF_STATE, GS_NF_OTHER_STATE },
	{ "dnat", GS_NF_STATE, GS_NF_OTHER_STATE },
	{ "snat", GS_NF_STATE, GS_NF_OTHER_STATE },
	{ "fin", GS_NF_TCP_FLAGS, GS_NF_FIN },
	{ "syn", GS_NF_TCP_FLAGS, GS_NF_SYN },
	{ "rst", GS_NF_TCP_FLAGS, GS_NF_RST },
	{ "psh", GS_NF_TCP_FLAGS, GS_NF_PSH },
	{ "ack", GS_NF_TCP_FLAGS, GS_NF_ACK },
	{ "urg", GS_NF_TCP_FLAGS, GS_NF_URG },
	{ "ecn", GS_NF_TCP_FLAGS, 64 },
	{ "cwr", GS_NF_TCP_FLAGS, 128 },
	{ "all", GS_NF_TCP_FLAGS, 63 },
	{ "none", GS_NF_TCP_FLAGS, 0 },
	{ "unicast", GS_NF_DTYPE, GS_NF_UNICAST },
	{ "local", GS_NF_DTYPE, GS_NF_LOCAL },
	{ "broadcast", GS_NF_DTYPE, GS_NF_BROADCAST },
	{ "multicast", GS_NF_DTYPE, GS_NF_MULTICAST },
	{ "anycast", GS_NF_DTYPE, GS_NF_OTHER },
	{ "blackhole", GS_NF_DTYPE, GS_NF_OTHER },
	{ "unreachable", GS_NF_DTYPE, GS_NF_OTHER },
	{ "prohibit", GS_NF_DTYPE, GS_NF_OTHER },
	{ "host", GS_NF_PKTTYPE, GS_NF_UNICAST },
	{ "unicast", GS_NF_PKTTYPE, GS_NF_UNICAST },
	{ "broadcast", GS_NF_PKTTYPE, GS_NF_BROADCAST },
	{ "multicast", GS_NF_PKTTYPE, GS_NF_MULTICAST },
	{ "other", GS_NF_PKTTYPE, GS_NF_OTHER },
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
