/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "core/firewall/firewall.h"

/*
 * Plain nft(8): chains that drop, and neither ufw nor firewalld in charge. What one base chain
 * accepts another may drop, so the rule goes to the top of each that drops; and, as a line at the
 * end, into the file that nftables.service loads at boot, where it makes those chains.
 */

#define NFT    "/usr/sbin/nft"
#define INSERT "insert rule "

enum { CONF, SYSCONFIG, ENABLED, FILES = ENABLED /* they come first */ };

static const char *const is_enabled[] = { "/usr/bin/systemctl", "is-enabled", "nftables.service",
					  NULL };

static const struct gs_firewall_read reads[] = {
	[CONF] = { .file = "/etc/nftables.conf" },
	[SYSCONFIG] = { .file = "/etc/sysconfig/nftables.conf" },
	[ENABLED] = { .argv = is_enabled },
	{ 0 },
};

static const char *const family[] = {
	[GS_NF_OTHER_FAMILY] = "", [GS_NF_INET] = "inet",     [GS_NF_IP] = "ip",
	[GS_NF_IP6] = "ip6",	   [GS_NF_NETDEV] = "netdev",
};

/* ---- what is loaded ------------------------------------------------------------------------ */

static bool is_base(const struct gs_nf_table *table, const struct gs_nf_chain *chain)
{
	return !table->is_xt && table->family != GS_NF_OTHER_FAMILY &&
	       table->family != GS_NF_NETDEV &&
	       (chain->hook == GS_NF_PREROUTING || chain->hook == GS_NF_INPUT);
}

static bool is_closed(const struct gs_firewall *firewall)
{
	for (size_t i = 0; i < firewall->loaded.n; i++) {
		const struct gs_nf_table *table = &firewall->loaded.table[i];

		for (size_t k = 0; k < table->n; k++)
			if (is_base(table, &table->chain[k]) && gs_nf_refuses(&table->chain[k]))
				return true;
	}
	return false;
}

/* "inet filter input" */
static char *zone_of(const struct gs_nf_table *table, const struct gs_nf_chain *chain)
{
	return gs_printf("%s %s %s", family[table->family], table->name, chain->name);
}

/* ---- gshare's rules ------------------------------------------------------------------------ */

/* 'ip saddr 10.0.0.2 tcp dport 2049 accept comment "gshare /x"', as nft and the file have it */
static bool read_own(struct gs_span text, const char *zone, unsigned handle, unsigned half,
		     struct gs_openings *ret)
{
	enum { IP, SADDR, HOST, TCP, DPORT, PORT, ACCEPT, COMMENT, TAG, WORDS };
	static const char *const fixed[WORDS] = {
		[SADDR] = "saddr",   [TCP] = "tcp",	    [DPORT] = "dport",
		[ACCEPT] = "accept", [COMMENT] = "comment",
	};
	GS_AUTO(gs_strs_done) struct gs_strs words = { 0 };
	GS_AUTO(gs_hostspec_done) struct gs_hostspec host = { 0 };
	struct gs_opening opening = { .kind = &gs_firewall_nft, .zone = zone, .place = handle };
	uint64_t port = 0;

	gs_nf_words(text, &words);
	if (words.n != WORDS)
		return false;
	for (size_t i = 0; i < WORDS; i++)
		if (fixed[i] && strcmp(fixed[i], words.v[i]) != 0)
			return false;
	if (!gs_opening_is_tag(gs_span_of(words.v[TAG])) ||
	    !gs_span_number(gs_span_of(words.v[PORT]), UINT16_MAX, &port))
		return false;
	gs_hostspec_read(gs_span_of(words.v[HOST]), &host);
	if (strcmp(words.v[IP], host.is_v6 ? "ip6" : "ip") != 0)
		return false;
	opening.host = host.text;
	opening.port = (unsigned)port;
	opening.tag = words.v[TAG];
	gs_openings_add(ret, &opening, half);
	return true;
}

/* "insert rule inet filter input ip saddr …" */
static bool read_line(struct gs_span line, struct gs_openings *ret)
{
	enum { FAMILY, TABLE, CHAIN, PARTS };
	gs_autostr struct gs_str zone = { 0 };
	struct gs_span part;

	if (!gs_span_has_prefix(line, INSERT))
		return false;
	line = gs_span_from(line, sizeof INSERT - 1);
	for (size_t i = 0; i < PARTS; i++) {
		if (!gs_span_cut(&line, ' ', &part) || !line.len)
			return false;
		gs_str_adds(&zone, i ? " " : "");
		gs_str_add(&zone, part);
	}
	return read_own(line, zone.ptr, 0, GS_HALF_KEPT, ret);
}

/* Words of a file, without its comments; ';' and braces are words of no interest here. */
static bool next_word(struct gs_span *text, struct gs_span *ret)
{
	static const char between[] = " \t\n;{}";

	while (text->len &&
	       (memchr(between, *text->ptr, sizeof between - 1) || *text->ptr == '#')) {
		const char *end = *text->ptr == '#' ? memchr(text->ptr, '\n', text->len) : NULL;
		size_t n = *text->ptr != '#' ? 1 : end ? (size_t)(end - text->ptr) : text->len;

		*text = gs_span_from(*text, n);
	}
	*ret = gs_span(text->ptr, 0);
	while (ret->len < text->len && !memchr(between, text->ptr[ret->len], sizeof between - 1))
		ret->len++;
	*text = gs_span_from(*text, ret->len);
	return ret->len;
}

/* Does the file make that chain? A line for one that is not there would fail the whole file. */
static bool makes(struct gs_span text, const char *zone)
{
	enum { FAMILY, TABLE, CHAIN, PARTS };
	struct gs_span rest = gs_span_of(zone), part[PARTS], last[PARTS] = { 0 }, word;
	bool in_table = false;

	for (size_t i = 0; i < PARTS; i++)
		if (!gs_span_cut(&rest, ' ', &part[i]))
			return false;
	while (next_word(&text, &word)) {
		if (gs_span_is_text(last[1], "table") || gs_span_is_text(last[0], "table"))
			in_table = gs_span_is_text(last[0], "table")
					   ? gs_span_is(last[1], part[FAMILY]) &&
						     gs_span_is(word, part[TABLE])
					   : in_table;
		if (in_table && gs_span_is_text(last[1], "chain") && gs_span_is(word, part[CHAIN]))
			return true;
		last[0] = last[1];
		last[1] = word;
	}
	return false;
}

/* The file that a boot loads, where it makes the chain. */
static size_t file_of(const struct gs_firewall *firewall, const char *zone)
{
	for (size_t i = 0; i < FILES && firewall->known[ENABLED]; i++)
		if (firewall->known[i] && makes(gs_str_span(&firewall->text[i]), zone))
			return i;
	return GS_FIREWALL_READS;
}

static void add_loaded(const struct gs_firewall *firewall, const struct gs_nf_table *table,
		       const struct gs_nf_chain *chain, struct gs_openings *ret)
{
	gs_autofree char *zone = zone_of(table, chain);
	bool has_file = file_of(firewall, zone) < GS_FIREWALL_READS;

	for (size_t i = 0; i < chain->n; i++)
		(void)read_own(gs_span_of(chain->rule[i].text), zone, chain->rule[i].handle,
			       has_file ? GS_HALF_NOW : GS_HALVES, ret);
}

static void openings(const struct gs_firewall *firewall, struct gs_openings *ret)
{
	for (size_t i = 0; i < firewall->loaded.n; i++) {
		const struct gs_nf_table *table = &firewall->loaded.table[i];

		for (size_t k = 0; k < table->n; k++)
			if (is_base(table, &table->chain[k]))
				add_loaded(firewall, table, &table->chain[k], ret);
	}
	for (size_t i = 0; i < FILES; i++) {
		struct gs_span text = gs_str_span(&firewall->text[i]), line;

		while (gs_span_cut(&text, '\n', &line))
			(void)read_line(line, ret);
	}
}

/* ---- verdicts ------------------------------------------------------------------------------ */

static enum gs_charge charge(const struct gs_firewall *firewall)
{
	GS_AUTO(gs_openings_done) struct gs_openings own = { 0 };

	openings(firewall, &own);
	return own.n || is_closed(firewall) ? GS_CHARGE_NOW : GS_CHARGE_NOT;
}

/* What is loaded is judged for every row; a rule of gshare's that the file lacks is not kept. */
static void judge(const struct gs_firewall *firewall, const struct gs_knock *knock,
		  struct gs_verdict *ret)
{
	GS_AUTO(gs_openings_done) struct gs_openings own = { 0 };

	ret->now = ret->kept = GS_GATE_OPEN;
	openings(firewall, &own);
	for (size_t i = 0; i < own.n; i++) {
		size_t file = file_of(firewall, own.v[i].zone);

		if (own.v[i].port != knock->port || strcmp(own.v[i].host, knock->host->text) != 0)
			continue;
		ret->is_ours = true;
		if ((own.half[i] & GS_HALF_KEPT) || file == GS_FIREWALL_READS)
			continue;
		ret->kept = GS_GATE_CLOSED;
		gs_str_done(&ret->rule);
		gs_str_addf(&ret->rule, "%s has no line for it", reads[file].file);
	}
}

/* Each chain that drops it by itself, or that has a rule of gshare's for it by now. */
static void zones(const struct gs_firewall *firewall, const struct gs_knock *knock,
		  struct gs_strs *ret)
{
	GS_AUTO(gs_openings_done) struct gs_openings own = { 0 };
	struct gs_nf_packet packet;

	if (!gs_firewall_packet(knock, &packet))
		return;
	openings(firewall, &own);
	for (size_t i = 0; i < own.n; i++)
		if (own.v[i].port == knock->port && !strcmp(own.v[i].host, knock->host->text) &&
		    !gs_strs_has(ret, own.v[i].zone))
			gs_strs_add(ret, own.v[i].zone);
	for (size_t i = 0; i < firewall->loaded.n; i++) {
		const struct gs_nf_table *table = &firewall->loaded.table[i];

		for (size_t k = 0; k < table->n; k++) {
			gs_autofree char *zone = zone_of(table, &table->chain[k]);
			struct gs_way_in way = { 0 };

			gs_way_in_chain(table, &table->chain[k], &packet, &way);
			if (is_base(table, &table->chain[k]) && way.way != GS_FATE_ADMITTED &&
			    !gs_strs_has(ret, zone))
				gs_strs_add(ret, zone);
		}
	}
}

/* ---- changes ------------------------------------------------------------------------------- */

static void add_text(const struct gs_opening *opening, struct gs_str *out)
{
	gs_str_addf(out, "%s saddr %s tcp dport %u accept comment \"%s\"",
		    gs_opening_is_v6(opening) ? "ip6" : "ip", opening->host, opening->port,
		    opening->tag);
}

static void add_words(const char *text, struct gs_strs *ret)
{
	struct gs_span rest = gs_span_of(text), word;

	while (gs_span_cut(&rest, ' ', &word)) {
		gs_autofree char *copy = gs_span_dup(word);

		gs_strs_add(ret, copy);
	}
}

/* nft reads its words as one text, so that the comment keeps its quotes. */
static bool command(const struct gs_opening *opening, bool removes, size_t i, struct gs_strs *ret)
{
	gs_autofree char *head = gs_printf(NFT " %s rule %s", removes ? "delete" : "insert",
					   opening->zone);
	gs_autofree char *handle = gs_printf("handle %u", opening->place);
	gs_autofree char *body = gs_printf("%s saddr %s tcp dport %u accept comment",
					   gs_opening_is_v6(opening) ? "ip6" : "ip", opening->host,
					   opening->port);
	gs_autofree char *tag = gs_printf("\"%s\"", opening->tag);

	if (i > 0)
		return false;
	add_words(head, ret);
	add_words(removes ? handle : body, ret);
	if (!removes)
		gs_strs_add(ret, tag);
	return true;
}

static bool is_same(const struct gs_opening *a, const struct gs_opening *b)
{
	return a->port == b->port && !strcmp(a->host, b->host) && !strcmp(a->tag, b->tag) &&
	       !strcmp(a->zone, b->zone);
}

static bool is_own_line(struct gs_span line, const struct gs_opening *opening)
{
	GS_AUTO(gs_openings_done) struct gs_openings found = { 0 };

	return read_line(line, &found) && is_same(&found.v[0], opening);
}

/* All other lines keep their bytes. Returns whether the text differs. */
static bool edit(struct gs_span text, const struct gs_opening *opening, bool removes,
		 struct gs_str *ret)
{
	bool is_there = false;

	while (text.len) {
		const char *end = memchr(text.ptr, '\n', text.len);
		size_t n = end ? (size_t)(end - text.ptr) : text.len;
		bool is_own = is_own_line(gs_span(text.ptr, n), opening);

		n += end ? 1 : 0;
		if (!is_own || !removes)
			gs_str_add(ret, gs_span(text.ptr, n));
		is_there |= is_own;
		text = gs_span_from(text, n);
	}
	if (removes || is_there)
		return removes && is_there;
	if (ret->len && ret->ptr[ret->len - 1] != '\n')
		gs_str_addc(ret, '\n');
	gs_str_addf(ret, INSERT "%s ", opening->zone);
	add_text(opening, ret);
	gs_str_addc(ret, '\n');
	return true;
}

static size_t boot_file(const struct gs_firewall *firewall, const struct gs_opening *opening)
{
	return file_of(firewall, opening->zone);
}

static bool keep(const struct gs_firewall *firewall, const struct gs_opening *opening, bool removes,
		 size_t *ret_read, struct gs_str *ret_text)
{
	for (size_t i = 0; i < FILES; i++) {
		*ret_read = i;
		if (firewall->known[i] && (removes || file_of(firewall, opening->zone) == i) &&
		    edit(gs_str_span(&firewall->text[i]), opening, removes, ret_text))
			return true;
		gs_str_done(ret_text);
	}
	return false;
}

const struct gs_firewall_kind gs_firewall_nft = {
	.name = "nft",
	.reads = reads,
	.asks = true,
	.charge = charge,
	.judge = judge,
	.openings = openings,
	.command = command,
	.zones = zones,
	.file = boot_file,
	.keep = keep,
};
