/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/firewall/way_in.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

enum {
	DEPTH = 32,	 /* of jumps; the kernel allows 16: NFT_JUMP_STACK_SIZE */
	STEPS = 1000000, /* rules looked at for one address; more is not understood */
	PIECES = 4096,	 /* of a network; more are looked at as one */
};

#define BIT(end) (1U << (end))

/* In this order, so that the least counts where all must match. */
enum match { NO, MAYBE, YES };

/* What rules change of a packet. */
struct changing {
	struct gs_nf_range mark, ct_mark, state;
};

struct place {
	const struct gs_nf_table *table;
	const struct gs_nf_chain *chain;
	const struct gs_nf_rule *rule;
};

/* struct walk - one address on its way through the chains */
struct walk {
	const struct gs_nf_packet *packet;
	struct gs_nf_range value[GS_NF_KEYS];
	struct changing now;
	struct place at, decided, unclear; /* the first that keep it out, that are not clear */
	size_t steps;
};

/* ---- matches ---- */

static const struct gs_nf_range *value_of(const struct walk *walk, enum gs_nf_key key)
{
	if (key == GS_NF_MARK)
		return &walk->now.mark;
	if (key == GS_NF_CT_MARK)
		return &walk->now.ct_mark;
	return key == GS_NF_STATE ? &walk->now.state : &walk->value[key];
}

static enum match is_in(const struct gs_nf_range *value, const struct gs_nf_range *range)
{
	if (memcmp(value->high, range->low, GS_NF_BYTES) < 0 ||
	    memcmp(value->low, range->high, GS_NF_BYTES) > 0)
		return NO;
	return memcmp(value->low, range->low, GS_NF_BYTES) >= 0 &&
			       memcmp(value->high, range->high, GS_NF_BYTES) <= 0
		       ? YES
		       : MAYBE;
}

static enum match match_part(const struct walk *walk, const struct gs_nf_item *item, size_t i,
			     const struct gs_nf_range *range)
{
	const struct gs_nf_range *value = value_of(walk, item->key[i]);
	struct gs_nf_range masked;
	uint32_t number;

	if (item->key[i] == GS_NF_UNKNOWN)
		return MAYBE;
	if (!item->mask)
		return is_in(value, range);
	if (memcmp(value->low, value->high, GS_NF_BYTES) != 0)
		return MAYBE;
	number = gs_nf_number(value->low) & item->mask;
	gs_nf_numbers(number, number, &masked);
	return is_in(&masked, range);
}

static enum match match_elem(const struct walk *walk, const struct gs_nf_item *item,
			     const struct gs_nf_elem *elem)
{
	enum match least = YES;

	for (size_t i = 0; i < item->keys && !elem->is_rest; i++) {
		enum match match = match_part(walk, item, i, &elem->part[i]);

		least = match < least ? match : least;
	}
	return least;
}

static enum match match_set(const struct walk *walk, const struct gs_nf_item *item)
{
	bool is_open = item->set.is_partly || item->key[0] == GS_NF_UNKNOWN;
	enum match best = is_open ? MAYBE : NO;

	for (size_t i = 0; i < item->set.n && best != YES; i++) {
		enum match match = match_elem(walk, item, &item->set.elem[i]);

		best = match > best ? match : best;
	}
	return best;
}

static bool concerns(const struct walk *walk, const struct gs_nf_item *item)
{
	return (!item->family || item->family == walk->packet->family) &&
	       (!item->protocol || item->protocol == IPPROTO_TCP);
}

static enum match match_item(const struct walk *walk, const struct gs_nf_item *item)
{
	enum match match;

	if (!concerns(walk, item))
		return NO;
	match = match_set(walk, item);
	return item->is_negated ? (enum match)(YES - match) : match;
}

/* ---- what rules do ---- */

static void unknown_number(struct gs_nf_range *ret)
{
	gs_nf_numbers(0, UINT32_MAX, ret);
}

static void merge(struct gs_nf_range *value, const struct gs_nf_range *other)
{
	if (memcmp(value, other, sizeof *value) != 0)
		unknown_number(value);
}

static void merge_changing(struct changing *now, const struct changing *other)
{
	merge(&now->mark, &other->mark);
	merge(&now->ct_mark, &other->ct_mark);
	merge(&now->state, &other->state);
}

static void change_mark(const struct gs_nf_item *item, struct gs_nf_range *mark)
{
	bool is_known = !item->mask || !memcmp(mark->low, mark->high, GS_NF_BYTES);
	uint32_t number = (gs_nf_number(mark->low) & item->mask) ^ item->value;

	if (item->kind == GS_NF_SET_MARK && is_known)
		gs_nf_numbers(number, number, mark);
	else
		unknown_number(mark);
}

static void change(struct walk *walk, const struct gs_nf_item *item, enum match match)
{
	const struct changing before = walk->now;

	if (item->kind == GS_NF_SET_NO_TRACK)
		gs_nf_numbers(GS_NF_UNTRACKED, GS_NF_UNTRACKED, &walk->now.state);
	else if (item->kind == GS_NF_SET_CT_MARK)
		unknown_number(&walk->now.ct_mark);
	else
		change_mark(item, &walk->now.mark);
	if (match != YES)
		merge_changing(&walk->now, &before);
}

static unsigned run_chain(struct walk *walk, const struct gs_nf_chain *chain, unsigned depth);

static void note(struct place *first, const struct place *at)
{
	if (!first->table)
		*first = *at;
}

/* Jumps and gotos: the ends of the chain that is gone to. */
static unsigned run_target(struct walk *walk, const struct gs_nf_verdict *verdict, enum match match,
			   unsigned depth)
{
	const struct gs_nf_chain *target = gs_nf_find_chain(walk->at.table,
							    gs_span_of(verdict->chain));
	const struct changing before = walk->now;
	const struct place at = walk->at;
	unsigned ends;

	if (!target || depth == DEPTH) {
		note(&walk->unclear, &at);
		return BIT(GS_NF_ELSEWHERE) | BIT(GS_NF_RETURN);
	}
	ends = run_chain(walk, target, depth + 1);
	walk->at = at;
	if (match != YES)
		merge_changing(&walk->now, &before);
	return ends;
}

/* Returns whether the next rule is reached. */
static bool take(struct walk *walk, const struct gs_nf_verdict *verdict, enum match match,
		 unsigned depth, unsigned *ends)
{
	unsigned found = BIT(verdict->end);

	if (verdict->end == GS_NF_NEXT || match == NO)
		return true;
	if (verdict->end == GS_NF_JUMP || verdict->end == GS_NF_GOTO)
		found = run_target(walk, verdict, match, depth);
	else if (verdict->end == GS_NF_DROP || verdict->end == GS_NF_REJECT)
		note(&walk->decided, &walk->at);
	if (match == MAYBE || verdict->end == GS_NF_ELSEWHERE)
		note(&walk->unclear, &walk->at);
	if (verdict->end == GS_NF_JUMP) {
		*ends |= found & ~BIT(GS_NF_RETURN);
		return match != YES || (found & BIT(GS_NF_RETURN));
	}
	*ends |= found;
	return match != YES;
}

/* The verdicts of a map; without one the rule ends. Returns whether the next rule is reached. */
static bool take_map(struct walk *walk, const struct gs_nf_item *item, enum match match,
		     unsigned depth, unsigned *ends)
{
	const struct gs_nf_elem *rest = NULL;
	bool goes_on = true;

	if (!concerns(walk, item))
		return true;
	for (size_t i = 0; i < item->set.n; i++) {
		const struct gs_nf_elem *elem = &item->set.elem[i];
		enum match found = match_elem(walk, item, elem);

		if (elem->is_rest) {
			rest = elem;
			continue;
		}
		goes_on = take(walk, &elem->verdict, found < match ? found : match, depth, ends);
		if (found == YES)
			return goes_on;
	}
	if (item->set.is_partly) {
		note(&walk->unclear, &walk->at);
		*ends |= BIT(GS_NF_ELSEWHERE);
	}
	return rest ? take(walk, &rest->verdict, match, depth, ends) : goes_on;
}

static bool run_rule(struct walk *walk, const struct gs_nf_rule *rule, unsigned depth,
		     unsigned *ends)
{
	enum match match = YES;

	for (size_t i = 0; i < rule->n; i++) {
		const struct gs_nf_item *item = &rule->item[i];

		if (item->kind == GS_NF_MAP)
			return take_map(walk, item, match, depth, ends);
		if (item->kind == GS_NF_MATCH) {
			enum match found = match_item(walk, item);

			match = found < match ? found : match;
		} else {
			change(walk, item, match);
		}
		if (match == NO)
			return true;
	}
	return take(walk, &rule->verdict, match, depth, ends);
}

static unsigned run_chain(struct walk *walk, const struct gs_nf_chain *chain, unsigned depth)
{
	unsigned ends = 0;

	walk->at.chain = chain;
	for (size_t i = 0; i < chain->n; i++) {
		walk->at.rule = &chain->rule[i];
		if (walk->steps++ > STEPS) {
			note(&walk->unclear, &walk->at);
			return ends | BIT(GS_NF_ELSEWHERE);
		}
		if (!run_rule(walk, &chain->rule[i], depth, &ends))
			return ends;
	}
	return ends | BIT(GS_NF_RETURN);
}

/* ---- base chains ---- */

struct base {
	struct place at;
	size_t order;
};

struct bases {
	struct base *v;
	size_t n, room;
};

static void done_bases(struct bases *bases)
{
	free(bases->v);
}

static bool sees(const struct gs_nf_table *table, const struct gs_nf_chain *chain,
		 const struct gs_nf_packet *packet)
{
	enum gs_nf_family family = packet->family == 4 ? GS_NF_IP : GS_NF_IP6;

	if (chain->hook == GS_NF_NO_HOOK || chain->hook == GS_NF_OTHER_HOOK)
		return false;
	if (chain->hook == GS_NF_INGRESS && chain->device && packet->interface &&
	    strcmp(chain->device, packet->interface) != 0)
		return false;
	return table->family == GS_NF_INET || table->family == GS_NF_NETDEV ||
	       table->family == family;
}

static int by_order(const void *left, const void *right)
{
	const struct base *a = left, *b = right;

	if (a->at.chain->hook != b->at.chain->hook)
		return a->at.chain->hook < b->at.chain->hook ? -1 : 1;
	if (a->at.chain->priority != b->at.chain->priority)
		return a->at.chain->priority < b->at.chain->priority ? -1 : 1;
	return a->order < b->order ? -1 : 1;
}

static void find_bases(const struct gs_ruleset *rules, const struct gs_nf_packet *packet,
		       struct bases *ret)
{
	for (size_t i = 0; i < rules->n; i++) {
		const struct gs_nf_table *table = &rules->table[i];

		for (size_t j = 0; j < table->n; j++) {
			if (!sees(table, &table->chain[j], packet))
				continue;
			gs_grow(&ret->v, ret->n, &ret->room, sizeof *ret->v);
			ret->v[ret->n] = (struct base){ { table, &table->chain[j], NULL }, ret->n };
			ret->n++;
		}
	}
	if (ret->n)
		qsort(ret->v, ret->n, sizeof *ret->v, by_order);
}

/* Returns whether it comes out alive, perhaps. @possible: the other ends */
static bool run_base(struct walk *walk, const struct place *base, unsigned *possible)
{
	bool may_not_count = base->table->may_sleep ||
			     (base->chain->hook == GS_NF_INGRESS &&
			      (!base->chain->device || !walk->packet->interface));
	unsigned ends;

	walk->at = *base;
	ends = run_chain(walk, base->chain, 0);
	if ((ends & BIT(GS_NF_RETURN)) && base->chain->drops) {
		note(&walk->decided, base);
		ends |= BIT(GS_NF_DROP);
	} else if (ends & BIT(GS_NF_RETURN)) {
		ends |= BIT(GS_NF_ACCEPT);
	}
	*possible |= ends & (BIT(GS_NF_DROP) | BIT(GS_NF_REJECT) | BIT(GS_NF_ELSEWHERE));
	if (may_not_count && *possible)
		note(&walk->unclear, base);
	return may_not_count || (ends & BIT(GS_NF_ACCEPT));
}

static enum gs_fate way_of(unsigned possible)
{
	if (possible == BIT(GS_NF_ACCEPT))
		return GS_FATE_ADMITTED;
	if (possible & (BIT(GS_NF_ACCEPT) | BIT(GS_NF_ELSEWHERE)))
		return GS_FATE_UNCLEAR;
	return possible & BIT(GS_NF_DROP) ? GS_FATE_DROPPED : GS_FATE_REJECTED;
}

static void set_number(struct walk *walk, enum gs_nf_key key, uint32_t number)
{
	gs_nf_numbers(number, number, &walk->value[key]);
}

static void start(const struct gs_nf_packet *packet, const struct gs_nf_range *from,
		  struct walk *walk)
{
	walk->packet = packet;
	walk->value[GS_NF_SADDR] = *from;
	if (packet->has_to) {
		memcpy(walk->value[GS_NF_DADDR].low, packet->to, GS_NF_BYTES);
		memcpy(walk->value[GS_NF_DADDR].high, packet->to, GS_NF_BYTES);
	} else {
		memset(walk->value[GS_NF_DADDR].high, 0xff, GS_NF_BYTES);
	}
	gs_nf_interface(gs_span_of(packet->interface ? packet->interface : "*"), '*',
			&walk->value[GS_NF_IIF]);
	set_number(walk, GS_NF_FAMILY, packet->family);
	set_number(walk, GS_NF_PROTOCOL, IPPROTO_TCP);
	gs_nf_numbers(1, UINT16_MAX, &walk->value[GS_NF_SPORT]);
	set_number(walk, GS_NF_DPORT, packet->port);
	set_number(walk, GS_NF_TCP_FLAGS, GS_NF_SYN);
	set_number(walk, GS_NF_STYPE, GS_NF_UNICAST);
	set_number(walk, GS_NF_DTYPE, GS_NF_LOCAL);
	set_number(walk, GS_NF_PKTTYPE, GS_NF_UNICAST);
	gs_nf_numbers(GS_NF_NEW, GS_NF_NEW, &walk->now.state);
}

/* Hosts that no rule tells apart. */
static void judge_piece(const struct bases *bases, const struct gs_nf_packet *packet,
			const struct gs_nf_range *from, struct gs_way_in *ret)
{
	struct walk walk = { 0 };
	unsigned possible = 0;
	bool lives = true;
	const struct place *place;

	start(packet, from, &walk);
	for (size_t i = 0; i < bases->n && lives; i++)
		lives = run_base(&walk, &bases->v[i].at, &possible);
	if (lives)
		possible |= BIT(GS_NF_ACCEPT);
	*ret = (struct gs_way_in){ .way = way_of(possible) };
	place = ret->way == GS_FATE_UNCLEAR ? &walk.unclear : &walk.decided;
	if (ret->way == GS_FATE_ADMITTED)
		return;
	ret->table = place->table;
	ret->chain = place->chain;
	ret->rule = place->rule;
}

/* ---- networks ---- */

struct cuts {
	unsigned char (*v)[GS_NF_BYTES]; /* the first address of each piece but the first */
	size_t n, room;
	size_t width; /* bytes of an address */
};

static void done_cuts(struct cuts *cuts)
{
	free(cuts->v);
}

/* One more; false: it was the last address. */
static bool step(unsigned char address[GS_NF_BYTES], size_t width, int by)
{
	for (size_t i = width; i-- > 0;) {
		unsigned char last = by > 0 ? 0xff : 0;

		if (address[i] != last) {
			address[i] = (unsigned char)(address[i] + by);
			return true;
		}
		address[i] = by > 0 ? 0 : 0xff;
	}
	return false;
}

static void add_cut(struct cuts *cuts, const unsigned char address[GS_NF_BYTES],
		    const struct gs_nf_range *net)
{
	if (memcmp(address, net->low, GS_NF_BYTES) <= 0 ||
	    memcmp(address, net->high, GS_NF_BYTES) > 0 || cuts->n > PIECES)
		return;
	gs_grow(&cuts->v, cuts->n, &cuts->room, sizeof *cuts->v);
	memcpy(cuts->v[cuts->n++], address, GS_NF_BYTES);
}

static void cut_by_item(const struct gs_nf_item *item, const struct gs_nf_range *net,
			struct cuts *cuts)
{
	const struct gs_nf_set *set = &item->set;

	for (size_t part = 0; part < item->keys; part++)
		for (size_t i = 0; i < set->n && item->key[part] == GS_NF_SADDR; i++) {
			unsigned char after[GS_NF_BYTES];

			add_cut(cuts, set->elem[i].part[part].low, net);
			memcpy(after, set->elem[i].part[part].high, GS_NF_BYTES);
			if (step(after, cuts->width, 1))
				add_cut(cuts, after, net);
		}
}

static int by_address(const void *left, const void *right)
{
	return memcmp(left, right, GS_NF_BYTES);
}

/* Where the rules that are asked tell the hosts of the network apart. */
static void find_cuts(const struct bases *bases, const struct gs_nf_range *net, struct cuts *ret)
{
	size_t kept = 0;

	for (size_t i = 0; i < bases->n; i++)
		for (size_t j = 0; j < bases->v[i].at.table->n; j++) {
			const struct gs_nf_chain *chain = &bases->v[i].at.table->chain[j];

			for (size_t k = 0; k < chain->n; k++)
				for (size_t l = 0; l < chain->rule[k].n; l++)
					cut_by_item(&chain->rule[k].item[l], net, ret);
		}
	if (ret->n > PIECES)
		ret->n = 0;
	if (ret->n)
		qsort(ret->v, ret->n, sizeof *ret->v, by_address);
	for (size_t i = 0; i < ret->n; i++)
		if (!i || memcmp(ret->v[i], ret->v[kept - 1], GS_NF_BYTES) != 0)
			memmove(ret->v[kept++], ret->v[i], GS_NF_BYTES);
	ret->n = kept;
}

/* Of several hosts: one that is surely kept out counts, then one of which it is not clear. */
static unsigned weight(enum gs_fate way)
{
	static const unsigned weights[] = {
		[GS_FATE_ADMITTED] = 0,
		[GS_FATE_UNCLEAR] = 1,
		[GS_FATE_REJECTED] = 2,
		[GS_FATE_DROPPED] = 2,
	};

	return weights[way];
}

static void add_piece(const struct gs_way_in *piece, const struct gs_nf_range *from,
		      unsigned family, bool is_first, struct gs_way_in *ret)
{
	bool is_partly = !is_first && (ret->is_partly || weight(ret->way) != weight(piece->way));

	if (is_first || weight(piece->way) > weight(ret->way)) {
		*ret = *piece;
		inet_ntop(family == 4 ? AF_INET : AF_INET6, from->low, ret->address,
			  sizeof ret->address);
	}
	ret->is_partly = is_partly;
}

static void judge(const struct bases *bases, const struct gs_nf_packet *packet,
		  struct gs_way_in *ret)
{
	GS_AUTO(done_cuts) struct cuts cuts = { .width = packet->family == 4 ? 4 : GS_NF_BYTES };
	struct gs_nf_range net, piece;
	struct gs_way_in way;

	gs_nf_prefix(packet->from, packet->family, packet->prefix, &net);
	find_cuts(bases, &net, &cuts);
	piece = net;
	for (size_t i = 0; i < cuts.n; i++) {
		memcpy(piece.high, cuts.v[i], GS_NF_BYTES);
		step(piece.high, cuts.width, -1);
		judge_piece(bases, packet, &piece, &way);
		add_piece(&way, &piece, packet->family, i == 0, ret);
		memcpy(piece.low, cuts.v[i], GS_NF_BYTES);
	}
	memcpy(piece.high, net.high, GS_NF_BYTES);
	judge_piece(bases, packet, &piece, &way);
	add_piece(&way, &piece, packet->family, cuts.n == 0, ret);
}

void gs_way_in(const struct gs_ruleset *rules, const struct gs_nf_packet *packet,
	       struct gs_way_in *ret)
{
	GS_AUTO(done_bases) struct bases bases = { 0 };

	find_bases(rules, packet, &bases);
	judge(&bases, packet, ret);
}

void gs_way_in_chain(const struct gs_nf_table *table, const struct gs_nf_chain *chain,
		     const struct gs_nf_packet *packet, struct gs_way_in *ret)
{
	struct base one = { { table, chain, NULL }, 0 };
	const struct bases bases = { &one, sees(table, chain, packet) ? 1 : 0, 0 };

	judge(&bases, packet, ret);
}

void gs_way_in_tell(const struct gs_way_in *way, struct gs_str *out)
{
	static const char *const family[] = {
		[GS_NF_OTHER_FAMILY] = "", [GS_NF_INET] = "inet",     [GS_NF_IP] = "ip",
		[GS_NF_IP6] = "ip6",	   [GS_NF_NETDEV] = "netdev",
	};

	if (!way->table)
		return;
	gs_str_addf(out, "table %s ", family[way->table->family]);
	gs_str_adds(out, way->table->name);
	gs_str_adds(out, ", chain ");
	gs_str_adds(out, way->chain->name);
	gs_str_adds(out, ": ");
	if (way->rule)
		gs_str_adds(out, way->rule->text);
	else
		gs_str_adds(out, way->chain->drops ? "policy drop" : "policy accept");
}
