/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/check/firewall.h"

#include <stdint.h>
#include <string.h>

#include "base/command.h"
#include "core/check/row.h"

/*
 * Does the leader's own firewall let its followers in? ufw keeps its rules as lines that it reads
 * itself, "### tuple ### allow tcp 2049 0.0.0.0/0 any 192.168.18.8 in": action, protocol, port and
 * address of this host, port and address of the other, direction; the first that matches counts.
 * What is not understood lets everyone in: no finding is better than a wrong one.
 */

enum { WORDS = 12, ACTION = 0, PROTOCOL, PORT, TO, FROM_PORT, FROM };

#define TUPLE "### tuple ### "

static struct gs_span take_until(struct gs_span *rest, char end)
{
	const char *at = rest->len ? memchr(rest->ptr, end, rest->len) : NULL;
	struct gs_span head = { rest->ptr, at ? (size_t)(at - rest->ptr) : rest->len };

	rest->ptr += head.len + (at ? 1 : 0);
	rest->len -= head.len + (at ? 1 : 0);
	return head;
}

/* The value of KEY=VALUE or KEY="VALUE", as a shell reads it; the last one counts. */
static bool has_value(const struct gs_str *text, const char *key, const char *value)
{
	struct gs_span rest = gs_str_span(text);
	size_t n = strlen(key);
	bool has = false;

	while (rest.len) {
		struct gs_span line = take_until(&rest, '\n');

		if (line.len <= n || memcmp(line.ptr, key, n) != 0 || line.ptr[n] != '=')
			continue;
		line.ptr += n + 1;
		line.len -= n + 1;
		if (line.len > 1 && line.ptr[0] == '"') {
			line.ptr++;
			line.len--;
		}
		has = line.len >= strlen(value) && !strncasecmp(line.ptr, value, strlen(value));
	}
	return has;
}

/* "any", "2049", "22,2049", "2000:3000" */
static bool has_port(struct gs_span ports, unsigned port)
{
	if (gs_span_is_text(ports, "any"))
		return true;
	while (ports.len) {
		struct gs_span range = take_until(&ports, ','), first = take_until(&range, ':');
		uint64_t low = 0, high = 0;

		if (!gs_span_number(first, UINT16_MAX, &low))
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

/* @ret_admits: set where the rule is about such a connection */
static bool decides(struct gs_span line, const struct gs_firewall_fact *fact, bool *ret_admits)
{
	struct gs_span word[WORDS];
	size_t n = 0;

	while (line.len && n < WORDS)
		word[n++] = take_until(&line, ' ');
	for (size_t i = FROM + 1; i < n; i++)
		if (gs_span_has_prefix(word[i], "out"))
			return false;
	if (n <= FROM + 1 || gs_span_has_prefix(word[ACTION], "route:") ||
	    !(gs_span_is_text(word[PROTOCOL], "tcp") || gs_span_is_text(word[PROTOCOL], "any")) ||
	    !has_port(word[PORT], fact->port) || !covers(word[FROM], fact->host))
		return false;
	*ret_admits = !gs_span_has_prefix(word[ACTION], "deny") &&
		      !gs_span_has_prefix(word[ACTION], "reject");
	return true;
}

/* enum verdict - of the rules on one follower */
enum verdict { ADMITTED, DENIED, UNNAMED /* no rule is about it, and the rest is denied */ };

static enum verdict verdict_on(const struct gs_firewall_fact *fact)
{
	const struct gs_ufw *ufw = fact->ufw;
	const struct gs_hostspec *host = fact->host;
	struct gs_span rest = gs_str_span(host->is_v6 ? &ufw->rules6 : &ufw->rules);
	bool admits = true;

	if ((host->kind != GS_HOST_ADDR && host->kind != GS_HOST_NET) || !rest.len ||
	    !has_value(&ufw->conf, "ENABLED", "yes"))
		return ADMITTED;
	while (rest.len) {
		struct gs_span line = take_until(&rest, '\n');

		if (!gs_span_has_prefix(line, TUPLE))
			continue;
		line.ptr += sizeof TUPLE - 1;
		line.len -= sizeof TUPLE - 1;
		if (decides(line, fact, &admits))
			return admits ? ADMITTED : DENIED;
	}
	return has_value(&ufw->defaults, "DEFAULT_INPUT_POLICY", "ACCEPT") ? ADMITTED : UNNAMED;
}

static bool is_closed(const struct gs_facts *facts)
{
	return verdict_on(facts->firewall) != ADMITTED;
}

static bool is_denied(const struct gs_facts *facts)
{
	return verdict_on(facts->firewall) == DENIED;
}

static void say_closed(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_addf(out,
		    is_denied(facts) ? "a rule of ufw denies %s port %u"
				     : "the firewall (ufw) has no rule that lets %s reach port %u",
		    facts->firewall->host->text, facts->firewall->port);
}

/* Is the rule that the fix adds there already, behind one that denies? ufw would skip it. */
static bool has_rule(const struct gs_firewall_fact *firewall)
{
	const struct gs_hostspec *host = firewall->host;
	const struct gs_str *rules = host->is_v6 ? &firewall->ufw->rules6 : &firewall->ufw->rules;
	gs_autofree char *line = gs_printf(TUPLE "allow tcp %u %s any %s in", firewall->port,
					   host->is_v6 ? "::/0" : "0.0.0.0/0", host->text);

	return strstr(rules->ptr, line) != NULL;
}

static void add_rule(const struct gs_firewall_fact *fact, struct gs_str *command)
{
	gs_command(command, "allow", "from", fact->host->text, "to", "any", "port");
	gs_command_wordf(command, "%u", fact->port);
	gs_command(command, "proto", "tcp");
}

/* Before a rule that denies: ufw adds at the end, and the first that matches counts. */
static void fix_closed(const struct gs_facts *facts, struct gs_fixes *out)
{
	struct gs_str *command = gs_fix_here(out, "");
	const char *first = is_denied(facts) ? "1" : NULL;

	if (first && has_rule(facts->firewall)) {
		gs_command(command, "sudo", "ufw", "delete");
		add_rule(facts->firewall, command);
		gs_command_and(command);
	}
	gs_command(command, "sudo", "ufw", first ? "insert" : NULL, first);
	add_rule(facts->firewall, command);
}

const struct gs_check gs_checks_firewall[] = {
	{ "FIREWALL_CLOSED", "The leader's firewall does not let a follower reach the NFS port.",
	  GS_ON_LEADER, GS_GIVEN(FIREWALL), GS_FAIL, is_closed, .message = say_closed,
	  .fix = fix_closed },
	{ 0 },
};

void gs_ufw_done(struct gs_ufw *ufw)
{
	gs_str_done(&ufw->conf);
	gs_str_done(&ufw->defaults);
	gs_str_done(&ufw->rules);
	gs_str_done(&ufw->rules6);
}
