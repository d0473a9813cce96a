/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/command.h"
#include "core/firewall/firewall.h"

/*
 * ufw(8) keeps its rules as lines that it reads itself, in the order in which they count:
 * "### tuple ### allow tcp 2049 0.0.0.0/0 any 192.168.18.8 in comment=67…": action, protocol, port
 * and address of this host, port and address of the other, direction, comment in hexadecimal.
 * What is not understood lets everyone in: no finding is better than a wrong one.
 * Source: ufw 0.36 src/backend_iptables.py _write_rules(), src/common.py UFWRule.
 */

#define UFW   "/usr/sbin/ufw"
#define TUPLE "### tuple ### "

enum { CONF, DEFAULTS, RULES, RULES6, LOADED, LOADED6 };

static const char *const loaded[] = { "/usr/sbin/iptables", "-S", "ufw-user-input", NULL };
static const char *const loaded6[] = { "/usr/sbin/ip6tables", "-S", "ufw6-user-input", NULL };

static const struct gs_firewall_read reads[] = {
	[CONF] = { .file = "/etc/ufw/ufw.conf", .must = true },
	[DEFAULTS] = { .file = "/etc/default/ufw" },
	[RULES] = { .file = "/etc/ufw/user.rules", .must = true },
	[RULES6] = { .file = "/etc/ufw/user6.rules" },
	[LOADED] = { .argv = loaded },
	[LOADED6] = { .argv = loaded6 },
	{ 0 },
};

/* The value of KEY=VALUE or KEY="VALUE", as a shell reads it; the last one counts. */
static bool has_value(const struct gs_str *text, const char *key, const char *value)
{
	struct gs_span rest = gs_str_span(text), line;
	size_t n = strlen(key);
	bool has = false;

	while (gs_span_cut(&rest, '\n', &line)) {
		if (!gs_span_has_prefix(line, key) || line.len == n || line.ptr[n] != '=')
			continue;
		line = gs_span_from(line, n + 1);
		if (line.len > 1 && line.ptr[0] == '"')
			line = gs_span_from(line, 1);
		has = line.len >= strlen(value) && !strncasecmp(line.ptr, value, strlen(value));
	}
	return has;
}

static enum gs_charge charge(const struct gs_firewall *firewall)
{
	return !firewall->known[CONF]				    ? GS_CHARGE_NOT
	       : has_value(&firewall->text[CONF], "ENABLED", "yes") ? GS_CHARGE_NOW
								    : GS_CHARGE_LATER;
}

/* ---- one rule ----------------------------------------------------------------------------- */

/* struct tuple - a rule; @way: "in", "in_eth0"; @comment: in hexadecimal, or empty */
struct tuple {
	struct gs_span action, protocol, port, to, from_port, from, way, comment;
};

static bool next_tuple(struct gs_span *rest, struct tuple *ret)
{
	struct gs_span line, word, *const fixed[] = { &ret->action, &ret->protocol,  &ret->port,
						      &ret->to,	    &ret->from_port, &ret->from };

	while (gs_span_cut(rest, '\n', &line)) {
		size_t n = 0;

		if (!gs_span_has_prefix(line, TUPLE))
			continue;
		*ret = (struct tuple){ 0 };
		line = gs_span_from(line, sizeof TUPLE - 1);
		while (n < GS_COUNT(fixed) && gs_span_cut(&line, ' ', fixed[n]))
			n++;
		/* Then two words of an application's rule, which are not there in another. */
		while (gs_span_cut(&line, ' ', &word))
			if (gs_span_has_prefix(word, "comment="))
				ret->comment = gs_span_from(word, sizeof "comment=" - 1);
			else
				ret->way = word;
		if (ret->way.len)
			return true;
	}
	return false;
}

static struct gs_span rules_of(const struct gs_firewall *firewall, bool is_v6)
{
	return gs_str_span(&firewall->text[is_v6 ? RULES6 : RULES]);
}

/* "any", "2049", "22,2049", "2000:3000" */
static bool has_port(struct gs_span ports, unsigned port)
{
	struct gs_span range, first;

	if (gs_span_is_text(ports, "any"))
		return true;
	while (gs_span_cut(&ports, ',', &range)) {
		uint64_t low = 0, high = 0;

		if (!gs_span_cut(&range, ':', &first) || !gs_span_number(first, UINT16_MAX, &low))
			continue;
		if (!gs_span_number(range, UINT16_MAX, &high))
			high = low;
		if (low <= port && port <= high)
			return true;
	}
	return false;
}

static bool covers(struct gs_span from, const struct gs_hostspec *host)
{
	GS_AUTO(gs_hostspec_done) struct gs_hostspec source = { 0 };

	if (gs_span_is_text(from, "any"))
		return true;
	gs_hostspec_read(from, &source);
	return gs_hostspec_covers(&source, host);
}

static bool is_of_way(struct gs_span way, const char *interface)
{
	if (!gs_span_has_prefix(way, "in"))
		return false;
	return !gs_span_has_prefix(way, "in_") || !interface ||
	       gs_span_is_text(gs_span_from(way, 3), interface);
}

static bool is_about(const struct tuple *rule, const struct gs_knock *knock)
{
	return !gs_span_has_prefix(rule->action, "route:") &&
	       (gs_span_is_text(rule->protocol, "tcp") || gs_span_is_text(rule->protocol, "any")) &&
	       has_port(rule->port, knock->port) && covers(rule->from, knock->host) &&
	       is_of_way(rule->way, knock->interface);
}

static bool denies(const struct tuple *rule)
{
	return gs_span_has_prefix(rule->action, "deny") ||
	       gs_span_has_prefix(rule->action, "reject");
}

/* As it is typed: "deny from 192.168.18.8", "allow 22/tcp" would be "allow to any port 22". */
static void show(const struct tuple *rule, struct gs_str *out)
{
	gs_str_add(out, rule->action);
	gs_str_adds(out, " from ");
	gs_str_add(out, rule->from);
	if (!gs_span_is_text(rule->port, "any")) {
		gs_str_adds(out, " to any port ");
		gs_str_add(out, rule->port);
	}
	if (!gs_span_is_text(rule->protocol, "any")) {
		gs_str_adds(out, " proto ");
		gs_str_add(out, rule->protocol);
	}
}

static int digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

static void read_comment(struct gs_span hex, struct gs_str *out)
{
	for (size_t i = 0; i + 1 < hex.len; i += 2) {
		int high = digit(hex.ptr[i]), low = digit(hex.ptr[i + 1]);

		if (high < 0 || low < 0 || !(high | low))
			return;
		gs_str_addc(out, (char)(high << 4 | low));
	}
}

/* A rule as gshare writes it, whoever did. */
static bool is_opening(const struct tuple *rule, uint64_t *ret_port)
{
	return gs_span_is_text(rule->action, "allow") && gs_span_is_text(rule->protocol, "tcp") &&
	       gs_span_number(rule->port, UINT16_MAX, ret_port) &&
	       (gs_span_is_text(rule->to, "0.0.0.0/0") || gs_span_is_text(rule->to, "::/0")) &&
	       gs_span_is_text(rule->from_port, "any") && gs_span_is_text(rule->way, "in");
}

static bool is_tagged(const struct tuple *rule)
{
	gs_autostr struct gs_str comment = { 0 };

	read_comment(rule->comment, &comment);
	return gs_opening_is_tag(gs_str_span(&comment));
}

/* ---- all rules ---------------------------------------------------------------------------- */

/* Is it in what the kernel has? Not known: as the files have it. */
static bool is_loaded(const struct gs_firewall *firewall, const char *host, unsigned port)
{
	bool is_v6 = strchr(host, ':');
	size_t which = is_v6 ? LOADED6 : LOADED;
	const char *text = firewall->text[which].ptr;
	const char *bits = strchr(host, '/') ? "" : is_v6 ? "/128" : "/32";
	gs_autofree char *line = gs_printf("-A %s -s %s%s -p tcp -m tcp --dport %u -j ACCEPT\n",
					   is_v6 ? loaded6[2] : loaded[2], host, bits, port);

	return firewall->charge != GS_CHARGE_NOW || !firewall->known[which] ||
	       (text && strstr(text, line));
}

static void add_opening(const struct gs_firewall *firewall, const struct tuple *rule,
			unsigned place, struct gs_openings *ret)
{
	gs_autostr struct gs_str tag = { 0 };
	gs_autofree char *host = gs_span_dup(rule->from);
	struct gs_opening opening = { .kind = firewall->kind, .host = host, .place = place };
	uint64_t port = 0;

	read_comment(rule->comment, &tag);
	if (!is_opening(rule, &port) || !gs_opening_is_tag(gs_str_span(&tag)))
		return;
	opening.tag = tag.ptr;
	opening.port = (unsigned)port;
	gs_openings_add(ret, &opening,
			is_loaded(firewall, host, opening.port) ? GS_HALVES : GS_HALF_KEPT);
}

/* Places are counted over both families, those of IPv4 first: "ufw status numbered". */
static void openings(const struct gs_firewall *firewall, struct gs_openings *ret)
{
	unsigned place = 0;

	for (size_t v6 = 0; v6 < 2; v6++) {
		struct gs_span rest = rules_of(firewall, v6);
		size_t first = ret->n;
		struct tuple rule;

		while (next_tuple(&rest, &rule))
			add_opening(firewall, &rule, ++place, ret);
		/* The last one is put back at the end. */
		if (ret->n > first && ret->v[ret->n - 1].place == place)
			ret->v[ret->n - 1].place = 0;
	}
}

static void judge_default(const struct gs_firewall *firewall, struct gs_verdict *ret)
{
	ret->kept = has_value(&firewall->text[DEFAULTS], "DEFAULT_INPUT_POLICY", "ACCEPT")
			    ? GS_GATE_OPEN
			    : GS_GATE_CLOSED;
}

static void decide(const struct gs_firewall *firewall, const struct tuple *rule,
		   const struct gs_knock *knock, struct gs_verdict *ret)
{
	uint64_t port = 0;

	show(rule, &ret->rule);
	ret->is_ours = is_tagged(rule);
	ret->kept = denies(rule) ? GS_GATE_DENIED : GS_GATE_OPEN;
	ret->is_stale = ret->kept == GS_GATE_OPEN && is_opening(rule, &port) &&
			gs_span_is_text(rule->from, knock->host->text) &&
			!is_loaded(firewall, knock->host->text, knock->port);
}

static void judge(const struct gs_firewall *firewall, const struct gs_knock *knock,
		  struct gs_verdict *ret)
{
	struct gs_span rest = rules_of(firewall, knock->host->is_v6);
	struct tuple rule;
	uint64_t port = 0;

	if (knock->host->is_v6 && has_value(&firewall->text[DEFAULTS], "IPV6", "no")) {
		ret->now = ret->kept = GS_GATE_OPEN;
		return;
	}
	while (next_tuple(&rest, &rule)) {
		if (ret->kept == GS_GATE_UNKNOWN && is_about(&rule, knock))
			decide(firewall, &rule, knock, ret);
		ret->is_same |= is_opening(&rule, &port) && port == knock->port &&
				gs_span_is_text(rule.from, knock->host->text) && !is_tagged(&rule);
	}
	if (ret->kept == GS_GATE_UNKNOWN)
		judge_default(firewall, ret);
	ret->now = ret->is_stale ? GS_GATE_CLOSED : ret->kept;
}

/* ---- commands ----------------------------------------------------------------------------- */

static void add_rule(const char *host, unsigned port, struct gs_strs *ret)
{
	gs_autofree char *number = gs_printf("%u", port);
	const char *const words[] = { "allow", "from", "any",	"to", "any",
				      "port",  "2049", "proto", "tcp" };

	for (size_t i = 0; i < GS_COUNT(words); i++)
		gs_strs_add(ret, i == 2 ? host : i == 6 ? number : words[i]);
}

static bool command(const struct gs_opening *opening, bool removes, size_t i, struct gs_strs *ret)
{
	gs_autofree char *place = gs_printf("%u", opening->place);

	if (i)
		return false;
	gs_strs_add(ret, UFW);
	if (removes)
		gs_strs_add(ret, "delete");
	else if (opening->place)
		gs_strs_add(ret, "insert"), gs_strs_add(ret, place);
	else if (opening->before)
		gs_strs_add(ret, "prepend");
	add_rule(opening->host, opening->port, ret);
	if (removes)
		return true;
	gs_strs_add(ret, "comment");
	gs_strs_add(ret, opening->tag);
	return true;
}

static void add_words(const struct gs_knock *knock, const char *how, struct gs_str *out)
{
	GS_AUTO(gs_strs_done) struct gs_strs words = { 0 };

	gs_command(out, "sudo", "ufw", how);
	add_rule(knock->host->text, knock->port, &words);
	for (size_t i = 0; i < words.n; i++)
		gs_command(out, words.v[i]);
}

/* The rule is there already, by an administrator, behind one that denies: ufw has no rule twice. */
static void fix(const struct gs_firewall *firewall, const struct gs_knock *knock,
		const struct gs_verdict *verdict, struct gs_str *out)
{
	(void)firewall;
	if (verdict->is_stale) {
		gs_command(out, "sudo", "ufw", "reload");
		return;
	}
	if (verdict->is_same) {
		add_words(knock, "delete", out);
		gs_command_and(out);
	}
	add_words(knock, verdict->kept == GS_GATE_DENIED ? "prepend" : NULL, out);
}

const struct gs_firewall_kind gs_firewall_ufw = {
	.name = "ufw",
	.program = UFW,
	.reads = reads,
	.one_rule = true,
	.charge = charge,
	.judge = judge,
	.openings = openings,
	.command = command,
	.fix = fix,
};
