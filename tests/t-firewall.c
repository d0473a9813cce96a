/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "table.h"

#include <string.h>

#include "core/check/judge.h"

/* Whom ufw's files let in; the lines are those that ufw(8) 0.36 writes. */

#define ENABLED "# comment\nENABLED=yes\nLOGLEVEL=low\n"
#define DROPS	"IPV6=yes\nDEFAULT_INPUT_POLICY=\"DROP\"\n"
#define HEAD	"*filter\n:ufw-user-input - [0:0]\n### RULES ###\n\n"
#define TUPLE	"### tuple ### "

static const struct row {
	const char *name, *conf, *defaults, *rules, *host;
	const char *fix; /* NULL: no finding */
} rows[] = {
	{ "no rule at all", ENABLED, DROPS, HEAD, "10.0.0.8",
	  "sudo ufw allow from 10.0.0.8 to any port 2049 proto tcp" },
	{ "not enabled", "ENABLED=no\n", DROPS, HEAD, "10.0.0.8", NULL },
	{ "not installed", "", "", "", "10.0.0.8", NULL },
	{ "rules not read", ENABLED, DROPS, "", "10.0.0.8", NULL },
	{ "incoming is accepted", ENABLED, "DEFAULT_INPUT_POLICY=\"ACCEPT\"\n", HEAD, "10.0.0.8",
	  NULL },
	{ "our own rule", ENABLED, DROPS,
	  HEAD TUPLE "allow tcp 2049 0.0.0.0/0 any 10.0.0.8 in\n-A ufw-user-input -p tcp\n",
	  "10.0.0.8", NULL },
	{ "another host's rule", ENABLED, DROPS,
	  HEAD TUPLE "allow tcp 2049 0.0.0.0/0 any 10.0.0.9 in\n", "10.0.0.8",
	  "sudo ufw allow from 10.0.0.8 to any port 2049 proto tcp" },
	{ "a network's rule, with a comment", ENABLED, DROPS,
	  HEAD TUPLE "allow any any 0.0.0.0/0 any 10.0.0.0/24 in comment=6c616e\n", "10.0.0.8",
	  NULL },
	{ "a part of the network that is exported to", ENABLED, DROPS,
	  HEAD TUPLE "allow any any 0.0.0.0/0 any 10.0.0.0/25 in\n", "10.0.0.0/24",
	  "sudo ufw allow from 10.0.0.0/24 to any port 2049 proto tcp" },
	{ "an application's rule", ENABLED, DROPS,
	  HEAD TUPLE "allow tcp 111,2000:2100 0.0.0.0/0 any 0.0.0.0/0 NFS - in\n", "10.0.0.8",
	  NULL },
	{ "udp alone", ENABLED, DROPS, HEAD TUPLE "allow udp 2049 0.0.0.0/0 any 0.0.0.0/0 in\n",
	  "10.0.0.8", "sudo ufw allow from 10.0.0.8 to any port 2049 proto tcp" },
	{ "outgoing alone", ENABLED, DROPS,
	  HEAD TUPLE "allow tcp 2049 0.0.0.0/0 any 0.0.0.0/0 out\n", "10.0.0.8",
	  "sudo ufw allow from 10.0.0.8 to any port 2049 proto tcp" },
	{ "a routed packet's rule", ENABLED, DROPS,
	  HEAD TUPLE "route:allow tcp 2049 0.0.0.0/0 any 0.0.0.0/0 in\n", "10.0.0.8",
	  "sudo ufw allow from 10.0.0.8 to any port 2049 proto tcp" },
	{ "denied before it is allowed", ENABLED, DROPS,
	  HEAD TUPLE "deny any any 0.0.0.0/0 any 10.0.0.8 in\n" TUPLE
		     "allow tcp 2049 0.0.0.0/0 any 10.0.0.0/24 in\n",
	  "10.0.0.8", "sudo ufw insert 1 allow from 10.0.0.8 to any port 2049 proto tcp" },
	{ "denied before our own rule", ENABLED, DROPS,
	  HEAD TUPLE "deny any any 0.0.0.0/0 any 10.0.0.8 in\n" TUPLE
		     "allow tcp 2049 0.0.0.0/0 any 10.0.0.8 in\n",
	  "10.0.0.8",
	  "sudo ufw delete allow from 10.0.0.8 to any port 2049 proto tcp && sudo ufw insert 1 "
	  "allow from 10.0.0.8 to any port 2049 proto tcp" },
	{ "one of an interface", ENABLED, DROPS,
	  HEAD TUPLE "allow_log tcp 2049 0.0.0.0/0 any 0.0.0.0/0 in_eth0\n", "10.0.0.8", NULL },
	{ "IPv6 has rules of its own", ENABLED, DROPS,
	  HEAD TUPLE "allow tcp 2049 ::/0 any fd00::/64 in\n", "fd00::8", NULL },
	{ "a name is not looked up", ENABLED, DROPS, HEAD, "gpu-1", NULL },
};

static void judges(void **state)
{
	const struct row *row = *state;
	GS_AUTO(gs_ufw_done) struct gs_ufw ufw = { 0 };
	GS_AUTO(gs_findings_done) struct gs_findings findings = { 0 };
	GS_AUTO(gs_hostspec_done) struct gs_hostspec host = { 0 };
	struct gs_err err = { 0 };

	gs_str_adds(&ufw.conf, row->conf);
	gs_str_adds(&ufw.defaults, row->defaults);
	gs_str_adds(strchr(row->host, ':') ? &ufw.rules6 : &ufw.rules, row->rules);
	assert_int_equal(gs_hostspec_parse(gs_span_of(row->host), &host, &err), 0);
	assert_int_equal(gs_firewall_judge(&ufw, &host, 0, GS_FAIL, &findings), row->fix ? 1 : 0);
	assert_int_equal(findings.n, row->fix ? 1 : 0);
	if (!row->fix)
		return;
	assert_string_equal(findings.v[0].id, "FIREWALL_CLOSED");
	assert_string_equal(findings.v[0].fix, row->fix);
}

/* nfsd listens on another port: a rule for 2049 is of no use, and the fix names that port. */
static void judges_the_port(void **state)
{
	GS_AUTO(gs_ufw_done) struct gs_ufw ufw = { 0 };
	GS_AUTO(gs_findings_done) struct gs_findings findings = { 0 };
	GS_AUTO(gs_hostspec_done) struct gs_hostspec host = { 0 };
	struct gs_err err = { 0 };

	(void)state;
	gs_str_adds(&ufw.conf, ENABLED);
	gs_str_adds(&ufw.defaults, DROPS);
	gs_str_adds(&ufw.rules, HEAD TUPLE "allow tcp 2049 0.0.0.0/0 any 10.0.0.8 in\n");
	assert_int_equal(gs_hostspec_parse(gs_span_of("10.0.0.8"), &host, &err), 0);
	assert_int_equal(gs_firewall_judge(&ufw, &host, 2050, GS_FAIL, &findings), 1);
	assert_string_equal(findings.v[0].fix,
			    "sudo ufw allow from 10.0.0.8 to any port 2050 proto tcp");
	assert_non_null(strstr(findings.v[0].text, "port 2050"));
}

static const struct {
	const char *name;
} ports[] = { { "another port" } };

int main(void)
{
	static struct table table;

	TABLE_ADD(&table, rows, judges);
	TABLE_ADD(&table, ports, judges_the_port);
	return table_run("firewall", &table);
}
