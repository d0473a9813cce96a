/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "core/firewall/firewall.h"

/*
 * Plain iptables(8): an INPUT chain that drops, and neither ufw nor firewalld in charge. The rule
 * goes to the top of that chain, and into the file from which netfilter-persistent(8), or
 * iptables.service, loads it at boot, where one is in use.
 */

#define TOOL_DIR "/usr/sbin/"
#define FILTER	 "filter"
#define INPUT	 "INPUT"

enum { RULES4, RULES6, SYSCONFIG4, SYSCONFIG6 };

static const struct gs_firewall_read reads[] = {
	[RULES4] = { .file = "/etc/iptables/rules.v4" },
	[RULES6] = { .file = "/etc/iptables/rules.v6" },
	[SYSCONFIG4] = { .file = "/etc/sysconfig/iptables" },
	[SYSCONFIG6] = { .file = "/etc/sysconfig/ip6tables" },
	{ 0 },
};

/* ---- what is loaded ------------------------------------------------------------------------ */

static const struct gs_nf_chain *input_of(const struct gs_nf_table *table)
{
	return table->is_xt && !strcmp(table->name, FILTER)
		       ? gs_nf_find_chain(table, gs_span_of(INPUT))
		       : NULL;
}

static bool is_closed(const struct gs_firewall *firewall)
{
	for (size_t i = 0; i < firewall->loaded.n; i++) {
		const struct gs_nf_chain *chain = input_of(&firewall->loaded.table[i]);

		if (chain && gs_nf_refuses(chain))
			return true;
	}
	return false;
}

/* ---- gshare's rules ------------------------------------------------------------------------ */

/* struct own - what a rule of gshare's says */
struct own {
	const char *host, *port, *tag;
	bool accepts;
};

/* Options of such a rule, each with one value; where to keep it, or what it must be. */
static bool take_option(const char *name, const char *value, struct own *own)
{
	const struct {
		const char *name, *value;
		const char **keep;
	} options[] = {
		{ "-s", NULL, &own->host },
		{ "--dport", NULL, &own->port },
		{ "--comment", NULL, &own->tag },
		{ "-p", "tcp", NULL },
		{ "-m", "tcp", NULL },
		{ "-m", "comment", NULL },
		{ "-j", "ACCEPT", NULL },
	};

	for (size_t i = 0; i < GS_COUNT(options); i++) {
		if (strcmp(options[i].name, name) != 0)
			continue;
		if (options[i].value && strcmp(options[i].value, value) != 0)
			continue;
		if (!options[i].value)
			*options[i].keep = value;
		own->accepts |= !strcmp(name, "-j");
		return true;
	}
	return false;
}

/* "-A INPUT -s 10.0.0.2/32 -p tcp -m tcp --dport 2049 -m comment --comment "gshare /x" -j ACCEPT"
 */
static bool read_own(const struct gs_strs *words, struct own *ret)
{
	struct own own = { 0 };

	if (words->n < 2 || words->n % 2 || strcmp(words->v[0], "-A") != 0 ||
	    strcmp(words->v[1], INPUT) != 0)
		return false;
	for (size_t i = 2; i < words->n; i += 2)
		if (!take_option(words->v[i], words->v[i + 1], &own))
			return false;
	*ret = own;
	return own.host && own.port && own.tag && own.accepts &&
	       gs_opening_is_tag(gs_span_of(own.tag));
}

static void add_own(const struct gs_strs *words, const char *tool, unsigned place, unsigned half,
		    struct gs_openings *ret)
{
	GS_AUTO(gs_hostspec_done) struct gs_hostspec host = { 0 };
	struct gs_opening opening = { .kind = &gs_firewall_iptables, .zone = tool, .place = place };
	uint64_t port = 0;
	struct own own;

	if (!read_own(words, &own) || !gs_span_number(gs_span_of(own.port), UINT16_MAX, &port))
		return;
	gs_hostspec_read(gs_span_of(own.host), &host);
	opening.host = host.text;
	opening.tag = own.tag;
	opening.port = (unsigned)port;
	gs_openings_add(ret, &opening, half);
}

static bool is_v6(const struct gs_nf_table *table)
{
	return table->family == GS_NF_IP6;
}

/* The file from which that family is loaded at boot. */
static size_t file_of(const struct gs_firewall *firewall, bool six)
{
	size_t first = six ? RULES6 : RULES4;

	for (size_t i = first; i <= SYSCONFIG6; i += 2)
		if (firewall->known[i])
			return i;
	return GS_FIREWALL_READS;
}

/* A rule that no file can keep is where it can be. */
static void add_loaded(const struct gs_firewall *firewall, const struct gs_nf_table *table,
		       struct gs_openings *ret)
{
	const struct gs_nf_chain *chain = input_of(table);
	bool has_file = file_of(firewall, is_v6(table)) < GS_FIREWALL_READS;

	for (size_t i = 0; chain && i < chain->n; i++) {
		GS_AUTO(gs_strs_done) struct gs_strs words = { 0 };

		gs_nf_words(gs_span_of(chain->rule[i].text), &words);
		add_own(&words, table->tool, (unsigned)i + 1, has_file ? GS_HALF_NOW : GS_HALVES,
			ret);
	}
}

/* The program of the loaded chain of that family; the files do not say which it is. */
static const char *tool_of(const struct gs_firewall *firewall, bool six)
{
	const char *any = six ? "ip6tables" : "iptables";

	for (size_t i = 0; i < firewall->loaded.n; i++) {
		const struct gs_nf_table *table = &firewall->loaded.table[i];
		const struct gs_nf_chain *chain = input_of(table);

		if (!chain || is_v6(table) != six)
			continue;
		if (gs_nf_refuses(chain))
			return table->tool;
		any = table->tool;
	}
	return any;
}

static void add_kept(const struct gs_firewall *firewall, bool six, struct gs_openings *ret)
{
	size_t file = file_of(firewall, six);
	struct gs_span text, line;

	if (file == GS_FIREWALL_READS)
		return;
	text = gs_str_span(&firewall->text[file]);
	while (gs_span_cut(&text, '\n', &line)) {
		GS_AUTO(gs_strs_done) struct gs_strs words = { 0 };

		gs_nf_words(line, &words);
		add_own(&words, tool_of(firewall, six), 0, GS_HALF_KEPT, ret);
	}
}

static void openings(const struct gs_firewall *firewall, struct gs_openings *ret)
{
	for (size_t i = 0; i < firewall->loaded.n; i++)
		add_loaded(firewall, &firewall->loaded.table[i], ret);
	add_kept(firewall, false, ret);
	add_kept(firewall, true, ret);
}

/* Also where it is open by now, as long as a rule of gshare's is there. */
static enum gs_charge charge(const struct gs_firewall *firewall)
{
	GS_AUTO(gs_openings_done) struct gs_openings own = { 0 };

	openings(firewall, &own);
	return own.n || is_closed(firewall) ? GS_CHARGE_NOW : GS_CHARGE_NOT;
}

/* ---- verdicts ------------------------------------------------------------------------------ */

static bool is_ours(const struct gs_firewall *firewall, const struct gs_knock *knock)
{
	GS_AUTO(gs_openings_done) struct gs_openings all = { 0 };

	openings(firewall, &all);
	for (size_t i = 0; i < all.n; i++)
		if (all.v[i].port == knock->port && !strcmp(all.v[i].host, knock->host->text))
			return true;
	return false;
}

/* What is loaded is judged for every row; here the file that a boot reads. */
static void judge(const struct gs_firewall *firewall, const struct gs_knock *knock,
		  struct gs_verdict *ret)
{
	bool six = knock->host->is_v6;
	size_t file = file_of(firewall, six);
	GS_AUTO(gs_ruleset_done) struct gs_ruleset kept = { 0 };
	struct gs_way_in way = { 0 };

	ret->now = ret->kept = GS_GATE_OPEN;
	ret->is_ours = is_ours(firewall, knock);
	gs_str_adds(&ret->zone, tool_of(firewall, six));
	if (file == GS_FIREWALL_READS)
		return;
	gs_ruleset_read_save(&kept, gs_str_span(&firewall->text[file]), six, false, NULL);
	if (!gs_firewall_way(&kept, knock, &way))
		return;
	ret->kept = gs_firewall_gate_of(&way);
	if (ret->kept == GS_GATE_UNKNOWN)
		ret->kept = GS_GATE_OPEN;
	if (ret->kept == GS_GATE_OPEN)
		return;
	gs_str_addf(&ret->rule, "%s, ", reads[file].file);
	gs_way_in_tell(&way, &ret->rule);
}

/* ---- changes ------------------------------------------------------------------------------- */

/* At its old place, else first: only there nothing of others comes before it. */
static bool command(const struct gs_opening *opening, bool removes, size_t i, struct gs_strs *ret)
{
	gs_autofree char *port = gs_printf("%u", opening->port);
	gs_autofree char *place = gs_printf("%u", opening->place ? opening->place : 1);
	gs_autofree char *tool = gs_printf(TOOL_DIR "%s", opening->zone);
	const char *const words[] = {
		tool,
		"-w",
		removes ? "-D" : "-I",
		INPUT,
		removes ? NULL : place,
		"-s",
		opening->host,
		"-p",
		"tcp",
		"--dport",
		port,
		"-m",
		"comment",
		"--comment",
		opening->tag,
		"-j",
		"ACCEPT",
	};

	for (size_t k = 0; i == 0 && k < GS_COUNT(words); k++)
		if (words[k])
			gs_strs_add(ret, words[k]);
	return i == 0;
}

/* As iptables-save prints it, so that a save that is made later is the same. */
static void add_line(const struct gs_opening *opening, struct gs_str *out)
{
	bool six = gs_opening_is_v6(opening);

	gs_str_adds(out, "-A " INPUT " -s ");
	gs_str_adds(out, opening->host);
	if (!strchr(opening->host, '/'))
		gs_str_adds(out, six ? "/128" : "/32");
	gs_str_addf(out, " -p tcp -m tcp --dport %u -m comment --comment \"", opening->port);
	gs_str_adds(out, opening->tag);
	gs_str_adds(out, "\" -j ACCEPT\n");
}

static bool is_own_line(struct gs_span line, const struct gs_opening *opening)
{
	GS_AUTO(gs_strs_done) struct gs_strs words = { 0 };
	GS_AUTO(gs_openings_done) struct gs_openings found = { 0 };

	gs_nf_words(line, &words);
	add_own(&words, opening->zone, 0, GS_HALF_KEPT, &found);
	return found.n && found.v[0].port == opening->port &&
	       !strcmp(found.v[0].host, opening->host) && !strcmp(found.v[0].tag, opening->tag);
}

/* Where the rule goes: before the first of the chain, else before the table's end. */
static bool is_place(struct gs_span line, bool in_filter)
{
	return in_filter && (gs_span_has_prefix(line, "-A " INPUT " ") ||
			     gs_span_is_text(gs_span_trim(line), "COMMIT"));
}

/* All other lines keep their bytes. */
static bool edit(struct gs_span text, const struct gs_opening *opening, bool removes,
		 struct gs_str *ret)
{
	bool in_filter = false, is_done = false;

	while (text.len) {
		const char *end = memchr(text.ptr, '\n', text.len);
		struct gs_span line = gs_span(text.ptr,
					      end ? (size_t)(end - text.ptr) + 1 : text.len);
		bool is_own = in_filter && is_own_line(gs_span_trim(line), opening);

		text = gs_span_from(text, line.len);
		if (gs_span_has_prefix(line, "*"))
			in_filter = gs_span_is_text(gs_span_trim(line), "*" FILTER);
		if (is_own && !removes)
			return false;
		if (!removes && !is_done && is_place(line, in_filter)) {
			add_line(opening, ret);
			is_done = true;
		}
		if (!is_own)
			gs_str_add(ret, line);
		is_done |= is_own;
	}
	return is_done;
}

static size_t boot_file(const struct gs_firewall *firewall, const struct gs_opening *opening)
{
	return file_of(firewall, gs_opening_is_v6(opening));
}

static bool keep(const struct gs_firewall *firewall, const struct gs_opening *opening, bool removes,
		 size_t *ret_read, struct gs_str *ret_text)
{
	size_t file = file_of(firewall, gs_opening_is_v6(opening));

	*ret_read = file;
	return file < GS_FIREWALL_READS &&
	       edit(gs_str_span(&firewall->text[file]), opening, removes, ret_text);
}

const struct gs_firewall_kind gs_firewall_iptables = {
	.name = "iptables",
	.reads = reads,
	.asks = true,
	.charge = charge,
	.judge = judge,
	.openings = openings,
	.command = command,
	.file = boot_file,
	.keep = keep,
};
