/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/observe/nft_list.h"

#include <jansson.h>
#include <netinet/in.h>
#include <string.h>

#include "engine/observe/nft_text.h"

enum { ADDRESS_BITS = 128 };

/* ---- values ---- */

static struct gs_span text_of(const json_t *value)
{
	return gs_span(json_string_value(value), json_string_length(value));
}

static struct gs_span member(const json_t *object, const char *key)
{
	return text_of(json_object_get(object, key));
}

static bool read_number(enum gs_nf_key key, const json_t *value, uint32_t *ret)
{
	json_int_t number = json_integer_value(value);

	if (json_is_string(value))
		return gs_nf_number_of(key, text_of(value), ret);
	if (!json_is_integer(value) || number < 0 || number > UINT32_MAX || key == GS_NF_STATE ||
	    key == GS_NF_DTYPE || key == GS_NF_STYPE || key == GS_NF_PKTTYPE)
		return false;
	*ret = (uint32_t)number;
	return true;
}

static bool is_address(enum gs_nf_key key)
{
	return key == GS_NF_SADDR || key == GS_NF_DADDR;
}

/* {"prefix": {"addr": "10.0.0.0", "len": 8}} */
static bool read_prefix(const json_t *prefix, struct gs_nf_range *ret)
{
	json_int_t bits = json_integer_value(json_object_get(prefix, "len"));
	unsigned char address[GS_NF_BYTES];
	unsigned family = 0;

	if (bits < 0 || bits > ADDRESS_BITS ||
	    !gs_nf_address(member(prefix, "addr"), address, &family))
		return false;
	gs_nf_prefix(address, family, (unsigned)bits, ret);
	return true;
}

static bool read_value(enum gs_nf_key key, const json_t *value, struct gs_nf_range *ret);

static bool read_range(enum gs_nf_key key, const json_t *range, struct gs_nf_range *ret)
{
	struct gs_nf_range low, high;

	if (json_array_size(range) != 2 || !read_value(key, json_array_get(range, 0), &low) ||
	    !read_value(key, json_array_get(range, 1), &high))
		return false;
	memcpy(low.high, high.high, GS_NF_BYTES);
	*ret = low;
	return true;
}

static bool read_value(enum gs_nf_key key, const json_t *value, struct gs_nf_range *ret)
{
	const json_t *range = json_object_get(value, "range");
	const json_t *prefix = json_object_get(value, "prefix");
	uint32_t number = 0;
	unsigned family = 0;

	if (key == GS_NF_UNKNOWN) {
		*ret = (struct gs_nf_range){ 0 };
		return true;
	}
	if (range)
		return read_range(key, range, ret);
	if (prefix)
		return is_address(key) && read_prefix(prefix, ret);
	if (is_address(key)) {
		if (!gs_nf_address(text_of(value), ret->low, &family))
			return false;
		memcpy(ret->high, ret->low, GS_NF_BYTES);
		return true;
	}
	if (key == GS_NF_IIF) {
		gs_nf_interface(text_of(value), '*', ret);
		return json_is_string(value);
	}
	if (!read_number(key, value, &number))
		return false;
	gs_nf_numbers(number, number, ret);
	return true;
}

/* ---- what is looked at ---- */

static const struct left {
	const char *kind, *protocol, *field; /* protocol NULL: {"kind": {"key": field}} */
	enum gs_nf_key key;
	unsigned family, l4; /* only such packets have it */
} lefts[] = {
	{ "payload", "ip", "saddr", GS_NF_SADDR, 4, 0 },
	{ "payload", "ip", "daddr", GS_NF_DADDR, 4, 0 },
	{ "payload", "ip", "protocol", GS_NF_PROTOCOL, 4, 0 },
	{ "payload", "ip", NULL, GS_NF_UNKNOWN, 4, 0 },
	{ "payload", "ip6", "saddr", GS_NF_SADDR, 6, 0 },
	{ "payload", "ip6", "daddr", GS_NF_DADDR, 6, 0 },
	{ "payload", "ip6", "nexthdr", GS_NF_PROTOCOL, 6, 0 },
	{ "payload", "ip6", NULL, GS_NF_UNKNOWN, 6, 0 },
	{ "payload", "tcp", "sport", GS_NF_SPORT, 0, IPPROTO_TCP },
	{ "payload", "tcp", "dport", GS_NF_DPORT, 0, IPPROTO_TCP },
	{ "payload", "tcp", "flags", GS_NF_TCP_FLAGS, 0, IPPROTO_TCP },
	{ "payload", "tcp", NULL, GS_NF_UNKNOWN, 0, IPPROTO_TCP },
	{ "payload", "th", "sport", GS_NF_SPORT, 0, 0 },
	{ "payload", "th", "dport", GS_NF_DPORT, 0, 0 },
	{ "payload", "udp", NULL, GS_NF_UNKNOWN, 0, IPPROTO_UDP },
	{ "payload", "icmp", NULL, GS_NF_UNKNOWN, 0, IPPROTO_ICMP },
	{ "payload", "icmpv6", NULL, GS_NF_UNKNOWN, 0, IPPROTO_ICMPV6 },
	{ "payload", "igmp", NULL, GS_NF_UNKNOWN, 0, IPPROTO_IGMP },
	{ "payload", "sctp", NULL, GS_NF_UNKNOWN, 0, IPPROTO_SCTP },
	{ "payload", "dccp", NULL, GS_NF_UNKNOWN, 0, IPPROTO_DCCP },
	{ "payload", "udplite", NULL, GS_NF_UNKNOWN, 0, IPPROTO_UDPLITE },
	{ "payload", "esp", NULL, GS_NF_UNKNOWN, 0, IPPROTO_ESP },
	{ "payload", "ah", NULL, GS_NF_UNKNOWN, 0, IPPROTO_AH },
	{ "meta", NULL, "l4proto", GS_NF_PROTOCOL, 0, 0 },
	{ "meta", NULL, "nfproto", GS_NF_FAMILY, 0, 0 },
	{ "meta", NULL, "protocol", GS_NF_FAMILY, 0, 0 },
	{ "meta", NULL, "iif", GS_NF_IIF, 0, 0 },
	{ "meta", NULL, "iifname", GS_NF_IIF, 0, 0 },
	{ "meta", NULL, "mark", GS_NF_MARK, 0, 0 },
	{ "meta", NULL, "pkttype", GS_NF_PKTTYPE, 0, 0 },
	{ "ct", NULL, "state", GS_NF_STATE, 0, 0 },
	{ "ct", NULL, "mark", GS_NF_CT_MARK, 0, 0 },
};

static bool is_same(struct gs_span word, const char *row)
{
	return !row || gs_span_is_text(word, row);
}

static const struct left *find_left(const json_t *expr)
{
	const char *kind = json_object_iter_key(json_object_iter((json_t *)(uintptr_t)expr));
	const json_t *body = kind ? json_object_get(expr, kind) : NULL;

	for (size_t i = 0; body && i < GS_COUNT(lefts); i++) {
		const struct left *left = &lefts[i];

		if (!strcmp(left->kind, kind) &&
		    (left->protocol ? is_same(member(body, "protocol"), left->protocol) &&
					      is_same(member(body, "field"), left->field)
				    : is_same(member(body, "key"), left->field)))
			return left;
	}
	return NULL;
}

static bool has_text(const json_t *list, const char *word)
{
	size_t i;
	const json_t *one;

	if (json_is_string(list))
		return gs_span_is_text(text_of(list), word);
	for (i = 0; i < json_array_size(list); i++) {
		one = json_array_get(list, i);
		if (json_is_string(one) && gs_span_is_text(text_of(one), word))
			return true;
	}
	return false;
}

/* fib daddr type, fib saddr type: where the address is routed to */
static enum gs_nf_key fib_key(const json_t *fib)
{
	const json_t *flags = json_object_get(fib, "flags");

	if (!gs_span_is_text(member(fib, "result"), "type"))
		return GS_NF_UNKNOWN;
	if (has_text(flags, "daddr"))
		return GS_NF_DTYPE;
	return has_text(flags, "saddr") ? GS_NF_STYPE : GS_NF_UNKNOWN;
}

/* One part of the left side. */
static void read_key(const json_t *expr, struct gs_nf_item *item)
{
	const json_t *fib = json_object_get(expr, "fib");
	const struct left *left = find_left(expr);

	if (item->keys == GS_NF_PARTS) {
		item->key[0] = GS_NF_UNKNOWN;
		return;
	}
	item->key[item->keys++] = fib ? fib_key(fib) : left ? left->key : GS_NF_UNKNOWN;
	if (!left)
		return;
	item->family = left->family ? left->family : item->family;
	item->protocol = left->l4 ? left->l4 : item->protocol;
}

static bool is_number(enum gs_nf_key key)
{
	return key == GS_NF_MARK || key == GS_NF_CT_MARK || key == GS_NF_TCP_FLAGS;
}

/* 255, "syn", ["fin", "syn"], {"|": ["fin", "syn"]}: bits */
static bool read_bits(enum gs_nf_key key, const json_t *value, uint32_t *ret)
{
	const json_t *list = json_is_object(value) ? json_object_get(value, "|") : value;
	uint32_t all = 0, bits = 0;

	if (!json_is_array(list))
		return read_number(key, list, ret);
	for (size_t i = 0; i < json_array_size(list); i++) {
		if (!read_bits(key, json_array_get(list, i), &bits))
			return false;
		all |= bits;
	}
	*ret = all;
	return true;
}

static void read_masked(const json_t *pair, struct gs_nf_item *item)
{
	read_key(json_array_get(pair, 0), item);
	if (json_array_size(pair) != 2 || !is_number(item->key[0]) ||
	    !read_bits(item->key[0], json_array_get(pair, 1), &item->mask) || !item->mask)
		item->key[0] = GS_NF_UNKNOWN;
}

static void read_left(const json_t *expr, struct gs_nf_item *item)
{
	const json_t *concat = json_object_get(expr, "concat"), *pair = json_object_get(expr, "&");

	item->keys = 0;
	if (pair)
		read_masked(pair, item);
	else if (!concat)
		read_key(expr, item);
	for (size_t i = 0; i < json_array_size(concat); i++)
		read_key(json_array_get(concat, i), item);
	if (!item->keys)
		item->keys = 1;
}

/* ---- sets ---- */

static bool read_parts(const struct gs_nf_item *item, const json_t *value, struct gs_nf_elem *ret)
{
	const json_t *concat = json_object_get(value, "concat");

	if (json_is_string(value) && gs_span_is_text(text_of(value), "*")) {
		ret->is_rest = true;
		return true;
	}
	if (!concat)
		return item->keys == 1 && read_value(item->key[0], value, &ret->part[0]);
	if (json_array_size(concat) != item->keys)
		return false;
	for (size_t i = 0; i < item->keys; i++)
		if (!read_value(item->key[i], json_array_get(concat, i), &ret->part[i]))
			return false;
	return true;
}

/* With a comment or an end it is {"elem": {"val": …}}. */
static const json_t *plain(const json_t *value)
{
	const json_t *elem = json_object_get(value, "elem");

	return elem ? json_object_get(elem, "val") : value;
}

static void read_elem(const struct gs_nf_item *item, const json_t *value, struct gs_nf_set *set)
{
	struct gs_nf_elem elem = { 0 };

	if (read_parts(item, plain(value), &elem))
		*gs_nf_add_elem(set) = elem;
	else
		set->is_partly = true;
}

static const struct {
	const char *word;
	enum gs_nf_end end;
} ends[] = {
	{ "accept", GS_NF_ACCEPT },	{ "drop", GS_NF_DROP },
	{ "continue", GS_NF_NEXT },	{ "return", GS_NF_RETURN },
	{ "jump", GS_NF_JUMP },		{ "goto", GS_NF_GOTO },
	{ "reject", GS_NF_REJECT },	{ "queue", GS_NF_ELSEWHERE },
	{ "dnat", GS_NF_ELSEWHERE },	{ "redirect", GS_NF_ELSEWHERE },
	{ "tproxy", GS_NF_ELSEWHERE },	{ "synproxy", GS_NF_ELSEWHERE },
	{ "fwd", GS_NF_ELSEWHERE },	{ "snat", GS_NF_ACCEPT },
	{ "masquerade", GS_NF_ACCEPT },
};

static bool read_verdict(const json_t *statement, struct gs_nf_verdict *ret)
{
	for (size_t i = 0; i < GS_COUNT(ends); i++) {
		const json_t *body = json_object_get(statement, ends[i].word);
		struct gs_span target = member(body, "target");

		if (!body)
			continue;
		ret->end = ends[i].end;
		if (ret->end == GS_NF_JUMP || ret->end == GS_NF_GOTO)
			ret->chain = gs_span_dup(target);
		return true;
	}
	return false;
}

/* [[22, {"accept": null}], …] */
static void read_map(const struct gs_nf_item *item, const json_t *list, struct gs_nf_set *set)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *pair = json_array_get(list, i);
		struct gs_nf_elem elem = { 0 };

		if (json_array_size(pair) == 2 &&
		    read_parts(item, plain(json_array_get(pair, 0)), &elem) &&
		    read_verdict(json_array_get(pair, 1), &elem.verdict))
			*gs_nf_add_elem(set) = elem;
		else
			set->is_partly = true;
	}
}

/* The elements of a set as @item looks at them: @right is {"set": […]}, "@name", or values. */
static void read_right(const json_t *table_sets, const json_t *right, bool is_map,
		       struct gs_nf_item *item)
{
	struct gs_span name = text_of(right);
	const json_t *list = json_is_object(right) ? json_object_get(right, "set") : NULL;

	if (gs_span_has_prefix(name, "@")) {
		gs_autofree char *key = gs_span_dup(gs_span_from(name, 1));
		const json_t *set = json_object_get(table_sets, key);

		list = json_object_get(set, "elem");
		item->set.is_partly = !set;
		if (!list)
			return;
	}
	if (!list && !json_is_array(right)) {
		read_elem(item, right, &item->set);
		return;
	}
	list = list ? list : right;
	if (is_map) {
		read_map(item, list, &item->set);
		return;
	}
	for (size_t i = 0; i < json_array_size(list); i++)
		read_elem(item, json_array_get(list, i), &item->set);
}

/* ---- statements ---- */

/* fib saddr . iif oif: is there a way back to the source? The packet came by it. */
static bool read_way_back(const json_t *left, const json_t *right, struct gs_nf_rule *rule)
{
	const json_t *fib = json_object_get(left, "fib"), *flags = json_object_get(fib, "flags");

	if (!gs_span_is_text(member(fib, "result"), "oif") || !has_text(flags, "saddr") ||
	    !has_text(flags, "iif") || !(json_is_boolean(right) || json_is_integer(right)))
		return false;
	gs_nf_fixed(rule, json_is_true(right) || json_integer_value(right));
	return true;
}

/* Extension headers of IPv6, which such a packet has none of. */
static bool read_header(const json_t *left, const json_t *right, struct gs_nf_rule *rule)
{
	if (!json_object_get(left, "exthdr"))
		return false;
	gs_nf_fixed(rule, json_is_false(right));
	return true;
}

/* ct status dnat: what was sent elsewhere is not looked at any further */
static bool read_status(const json_t *left, const json_t *right, bool is_negated,
			struct gs_nf_rule *rule)
{
	if (!gs_span_is_text(member(json_object_get(left, "ct"), "key"), "status") ||
	    !(has_text(right, "dnat") || has_text(right, "snat")) || json_array_size(right) > 1)
		return false;
	gs_nf_fixed(rule, is_negated);
	return true;
}

/* ct direction original: of every first packet */
static bool read_direction(const json_t *left, const json_t *right, bool is_negated,
			   struct gs_nf_rule *rule)
{
	if (!gs_span_is_text(member(json_object_get(left, "ct"), "key"), "direction") ||
	    !json_is_string(right))
		return false;
	gs_nf_fixed(rule, has_text(right, "original") != is_negated);
	return true;
}

/* flags "in" a list: any of these bits; "!": none; "==" without a mask: exactly these */
static void read_any_bit(const json_t *right, bool is_any, struct gs_nf_item *item)
{
	uint32_t bits = 0;

	if (!read_bits(item->key[0], right, &bits)) {
		item->set.is_partly = true;
		return;
	}
	if (is_any) {
		item->mask = bits;
		bits = 0;
		item->is_negated = !item->is_negated;
	}
	gs_nf_numbers(bits, bits, &gs_nf_add_elem(&item->set)->part[0]);
}

static bool compares(struct gs_span op, bool *ret_negated)
{
	*ret_negated = gs_span_has_prefix(op, "!");
	return *ret_negated || gs_span_is_text(op, "==") || gs_span_is_text(op, "in");
}

static void read_match(const json_t *sets, const json_t *match, struct gs_nf_rule *rule)
{
	const json_t *left = json_object_get(match, "left"),
		     *right = json_object_get(match, "right");
	struct gs_span op = member(match, "op");
	bool is_negated = false, is_known = compares(op, &is_negated);
	struct gs_nf_item *item;

	if (read_way_back(left, right, rule) || read_header(left, right, rule) ||
	    read_status(left, right, is_negated, rule) ||
	    read_direction(left, right, is_negated, rule))
		return;
	item = gs_nf_match(rule, GS_NF_UNKNOWN);
	read_left(left, item);
	item->is_negated = is_negated;
	if (!is_known)
		item->key[0] = GS_NF_UNKNOWN;
	if (item->key[0] == GS_NF_TCP_FLAGS && !json_object_get(right, "set"))
		read_any_bit(right, gs_span_is_text(op, "in") || gs_span_is_text(op, "!"), item);
	else
		read_right(sets, right, false, item);
}

static void read_vmap(const json_t *sets, const json_t *vmap, struct gs_nf_rule *rule)
{
	struct gs_nf_item *item = gs_nf_match(rule, GS_NF_UNKNOWN);

	item->kind = GS_NF_MAP;
	read_left(json_object_get(vmap, "key"), item);
	read_right(sets, json_object_get(vmap, "data"), true, item);
}

static void read_mangle(const json_t *mangle, struct gs_nf_rule *rule)
{
	const json_t *value = json_object_get(mangle, "value");
	const struct left *left = find_left(json_object_get(mangle, "key"));
	json_int_t number = json_integer_value(value);
	struct gs_nf_item *item;

	if (!left || (left->key != GS_NF_MARK && left->key != GS_NF_CT_MARK))
		return;
	item = gs_nf_match(rule, left->key);
	item->kind = left->key == GS_NF_CT_MARK ? GS_NF_SET_CT_MARK : GS_NF_LOSE_MARK;
	if (left->key == GS_NF_MARK && json_is_integer(value) && number >= 0 &&
	    number <= UINT32_MAX) {
		item->kind = GS_NF_SET_MARK;
		item->value = (uint32_t)number;
	}
}

/* Statements that let the packet go on to the next. */
static const char *const passing[] = {
	"counter",	  "log",  "comment", "notrack", "set",	"ct helper", "ct timeout",
	"ct expectation", "flow", "dup",     "secmark", "last", "map",
};

static bool passes(const char *word)
{
	for (size_t i = 0; i < GS_COUNT(passing); i++)
		if (!strcmp(passing[i], word))
			return true;
	return false;
}

/* iptables' own, without what it says: the table is read from iptables-save instead */
static void read_foreign(const char *word, struct gs_nf_rule *rule)
{
	if (!strcmp(word, "xt"))
		rule->verdict.end = GS_NF_ELSEWHERE;
	gs_nf_match(rule, GS_NF_UNKNOWN);
}

static void read_statement(const json_t *sets, const json_t *statement, struct gs_nf_rule *rule)
{
	const char *word = json_object_iter_key(json_object_iter((json_t *)(uintptr_t)statement));
	const json_t *body = word ? json_object_get(statement, word) : NULL;

	if (!word || read_verdict(statement, &rule->verdict))
		return;
	if (!strcmp(word, "match"))
		read_match(sets, body, rule);
	else if (!strcmp(word, "vmap"))
		read_vmap(sets, body, rule);
	else if (!strcmp(word, "mangle"))
		read_mangle(body, rule);
	else if (!strcmp(word, "notrack"))
		gs_nf_match(rule, GS_NF_STATE)->kind = GS_NF_SET_NO_TRACK;
	else if (!passes(word))
		read_foreign(word, rule);
}

/* ---- objects ---- */

static enum gs_nf_family family_of(struct gs_span word)
{
	static const char *const words[] = {
		[GS_NF_INET] = "inet",
		[GS_NF_IP] = "ip",
		[GS_NF_IP6] = "ip6",
		[GS_NF_NETDEV] = "netdev",
	};

	for (size_t i = GS_NF_INET; i < GS_COUNT(words); i++)
		if (gs_span_is_text(word, words[i]))
			return (enum gs_nf_family)i;
	return GS_NF_OTHER_FAMILY;
}

static struct gs_nf_table *table_of(const struct gs_ruleset *rules, const json_t *object,
				    const char *name)
{
	return gs_ruleset_find(rules, family_of(member(object, "family")), member(object, name));
}

/* nft 1.0.6 prints a dormant table's flags from memory that it has freed: any flag may be that. */
static void read_table(const json_t *object, struct gs_ruleset *rules)
{
	const json_t *flags = json_object_get(object, "flags");
	struct gs_nf_table *table = gs_ruleset_add(rules, family_of(member(object, "family")),
						   member(object, "name"));

	table->may_sleep = flags && !has_text(flags, "owner") && !has_text(flags, "persist");
	if (has_text(flags, "dormant"))
		table->family = GS_NF_OTHER_FAMILY;
}

static enum gs_nf_hook hook_of(struct gs_span word)
{
	static const char *const words[] = {
		[GS_NF_INGRESS] = "ingress",
		[GS_NF_PREROUTING] = "prerouting",
		[GS_NF_INPUT] = "input",
	};

	for (size_t i = GS_NF_INGRESS; i < GS_COUNT(words); i++)
		if (gs_span_is_text(word, words[i]))
			return (enum gs_nf_hook)i;
	return word.len ? GS_NF_OTHER_HOOK : GS_NF_NO_HOOK;
}

static void read_chain(const json_t *object, struct gs_ruleset *rules)
{
	struct gs_nf_table *table = table_of(rules, object, "table");
	const json_t *device = json_object_get(object, "dev");
	struct gs_nf_chain *chain;

	if (!table)
		return;
	chain = gs_nf_chain(table, member(object, "name"));
	chain->hook = hook_of(member(object, "hook"));
	chain->priority = (int)json_integer_value(json_object_get(object, "prio"));
	chain->drops = gs_span_is_text(member(object, "policy"), "drop");
	if (json_is_string(device) && !chain->device)
		chain->device = gs_span_dup(text_of(device));
}

static void read_rule(const json_t *sets, const json_t *object, struct gs_ruleset *rules)
{
	struct gs_nf_table *table = table_of(rules, object, "table");
	const json_t *exprs = json_object_get(object, "expr");
	gs_autostr struct gs_str text = { 0 };
	struct gs_nf_rule *rule;

	if (!table)
		return;
	rule = gs_nf_add_rule(gs_nf_chain(table, member(object, "chain")));
	gs_nft_text(object, &text);
	rule->text = gs_span_dup(gs_str_span(&text));
	rule->handle = (unsigned)json_integer_value(json_object_get(object, "handle"));
	for (size_t i = 0; i < json_array_size(exprs); i++)
		read_statement(sets, json_array_get(exprs, i), rule);
}

/* "family table": the key under which the sets of a table are kept */
static char *table_key(const json_t *object)
{
	const char *family = json_string_value(json_object_get(object, "family"));
	const char *table = json_string_value(json_object_get(object, "table"));

	return gs_printf("%s %s", family ? family : "", table ? table : "");
}

/* Named sets and maps, by table and name, borrowed from the list. */
static void keep_set(const json_t *object, json_t *all)
{
	const char *name = json_string_value(json_object_get(object, "name"));
	gs_autofree char *key = table_key(object);
	json_t *sets = json_object_get(all, key);

	if (!sets) {
		sets = json_object();
		json_object_set_new(all, key, sets);
	}
	if (name)
		json_object_set(sets, name, (json_t *)(uintptr_t)object);
}

static void read_objects(const json_t *list, json_t *sets, struct gs_ruleset *rules)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *one = json_array_get(list, i);
		const json_t *set = json_object_get(one, "set");

		set = set ? set : json_object_get(one, "map");
		if (set)
			keep_set(set, sets);
		if (json_object_get(one, "table"))
			read_table(json_object_get(one, "table"), rules);
		if (json_object_get(one, "chain"))
			read_chain(json_object_get(one, "chain"), rules);
	}
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *rule = json_object_get(json_array_get(list, i), "rule");
		gs_autofree char *key = rule ? table_key(rule) : NULL;

		if (rule)
			read_rule(json_object_get(sets, key), rule, rules);
	}
}

static void drop_json(json_t **value)
{
	json_decref(*value);
}

bool gs_nft_list_read(struct gs_span text, struct gs_ruleset *rules)
{
	json_error_t why;
	GS_AUTO(drop_json) json_t *root = json_loadb(text.len ? text.ptr : "", text.len, 0, &why);
	GS_AUTO(drop_json) json_t *sets = json_object();
	const json_t *list = json_object_get(root, "nftables");

	if (!json_is_array(list))
		return false;
	read_objects(list, sets, rules);
	return true;
}
