/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "table.h"

#include <string.h>

#include "core/check/judge.h"
#include "core/firewall/firewall.h"

/*
 * Whom the rules of a firewall let in, and which are gshare's. The lines of ufw are those of 0.36,
 * what firewall-cmd prints is that of 1.3.
 */

#define ENABLED "# comment\nENABLED=yes\nLOGLEVEL=low\n"
#define DROPS	"IPV6=yes\nDEFAULT_INPUT_POLICY=\"DROP\"\n"
#define HEAD	"*filter\n:ufw-user-input - [0:0]\n### RULES ###\n\n"
#define TUPLE	"### tuple ### "
#define SRV	"677368617265202f737276" /* gshare /srv */

static const struct ufw_row {
	const char *name, *conf, *defaults, *rules, *host;
	const char *id; /* NULL: no finding */
	const char *fix;
} ufw_rows[] = {
	{ "no rule at all", ENABLED, DROPS, HEAD, "10.0.0.8", "FIREWALL_CLOSED",
	  "sudo gshare leader add 10.0.0.8 --path /srv" },
	{ "not enabled", "ENABLED=no\n", DROPS, HEAD, "10.0.0.8", NULL, NULL },
	{ "incoming is accepted", ENABLED, "DEFAULT_INPUT_POLICY=\"ACCEPT\"\n", HEAD, "10.0.0.8",
	  NULL, NULL },
	{ "our own rule", ENABLED, DROPS,
	  HEAD TUPLE "allow tcp 2049 0.0.0.0/0 any 10.0.0.8 in\n-A ufw-user-input -p tcp\n",
	  "10.0.0.8", NULL, NULL },
	{ "another host's rule", ENABLED, DROPS,
	  HEAD TUPLE "allow tcp 2049 0.0.0.0/0 any 10.0.0.9 in\n", "10.0.0.8", "FIREWALL_CLOSED",
	  "sudo gshare leader add 10.0.0.8 --path /srv" },
	{ "a network's rule, with a comment", ENABLED, DROPS,
	  HEAD TUPLE "allow any any 0.0.0.0/0 any 10.0.0.0/24 in comment=6c616e\n", "10.0.0.8",
	  NULL, NULL },
	{ "a part of the network that is exported to", ENABLED, DROPS,
	  HEAD TUPLE "allow any any 0.0.0.0/0 any 10.0.0.0/25 in\n", "10.0.0.0/24",
	  "FIREWALL_CLOSED", "sudo gshare leader add 10.0.0.0/24 --path /srv" },
	{ "an application's rule", ENABLED, DROPS,
	  HEAD TUPLE "allow tcp 111,2000:2100 0.0.0.0/0 any 0.0.0.0/0 NFS - in\n", "10.0.0.8", NULL,
	  NULL },
	{ "udp alone", ENABLED, DROPS, HEAD TUPLE "allow udp 2049 0.0.0.0/0 any 0.0.0.0/0 in\n",
	  "10.0.0.8", "FIREWALL_CLOSED", "sudo gshare leader add 10.0.0.8 --path /srv" },
	{ "outgoing alone", ENABLED, DROPS,
	  HEAD TUPLE "allow tcp 2049 0.0.0.0/0 any 0.0.0.0/0 out\n", "10.0.0.8", "FIREWALL_CLOSED",
	  "sudo gshare leader add 10.0.0.8 --path /srv" },
	{ "a routed packet's rule", ENABLED, DROPS,
	  HEAD TUPLE "route:allow tcp 2049 0.0.0.0/0 any 0.0.0.0/0 in\n", "10.0.0.8",
	  "FIREWALL_CLOSED", "sudo gshare leader add 10.0.0.8 --path /srv" },
	{ "denied before it is allowed", ENABLED, DROPS,
	  HEAD TUPLE "deny any any 0.0.0.0/0 any 10.0.0.8 in\n" TUPLE
		     "allow tcp 2049 0.0.0.0/0 any 10.0.0.0/24 in\n",
	  "10.0.0.8", "FIREWALL_DENIED",
	  "sudo gshare leader add 10.0.0.8 --path /srv --firewall-first" },
	{ "denied before the same rule of an administrator", ENABLED, DROPS,
	  HEAD TUPLE "deny any any 0.0.0.0/0 any 10.0.0.8 in\n" TUPLE
		     "allow tcp 2049 0.0.0.0/0 any 10.0.0.8 in\n",
	  "10.0.0.8", "FIREWALL_DENIED",
	  "sudo ufw delete allow from 10.0.0.8 to any port 2049 proto tcp && sudo ufw prepend "
	  "allow from 10.0.0.8 to any port 2049 proto tcp" },
	{ "denied before our own rule", ENABLED, DROPS,
	  HEAD TUPLE "deny any any 0.0.0.0/0 any 10.0.0.8 in\n" TUPLE
		     "allow tcp 2049 0.0.0.0/0 any 10.0.0.8 in comment=" SRV "\n",
	  "10.0.0.8", "FIREWALL_DENIED",
	  "sudo gshare leader add 10.0.0.8 --path /srv --firewall-first" },
	{ "IPv6 is not ufw's", ENABLED, "IPV6=no\n", HEAD, "fd00::8", NULL, NULL },
	{ "of another interface", ENABLED, DROPS,
	  HEAD TUPLE "allow tcp 2049 0.0.0.0/0 any 0.0.0.0/0 in_eth1\n", "10.0.0.8",
	  "FIREWALL_CLOSED", "sudo gshare leader add 10.0.0.8 --path /srv" },
	{ "a wide network", ENABLED, DROPS, HEAD, "10.0.0.0/8", "FIREWALL_CLOSED",
	  "sudo gshare leader add 10.0.0.0/8 --path /srv --allow-wide" },
	{ "one of an interface", ENABLED, DROPS,
	  HEAD TUPLE "allow_log tcp 2049 0.0.0.0/0 any 0.0.0.0/0 in_eth0\n", "10.0.0.8", NULL,
	  NULL },
	{ "IPv6 has rules of its own", ENABLED, DROPS,
	  HEAD TUPLE "allow tcp 2049 ::/0 any fd00::/64 in\n", "fd00::8", NULL, NULL },
	{ "a name is not looked up", ENABLED, DROPS, HEAD, "gpu-1", NULL, NULL },
};

static void put(struct gs_firewall *firewall, size_t i, const char *text)
{
	gs_str_adds(&firewall->text[i], text);
	firewall->known[i] = text[0];
}

static void judges_ufw(void **state)
{
	const struct ufw_row *row = *state;
	GS_AUTO(gs_firewall_done) struct gs_firewall firewall = { .kind = &gs_firewall_ufw };
	GS_AUTO(gs_findings_done) struct gs_findings findings = { 0 };
	GS_AUTO(gs_hostspec_done) struct gs_hostspec host = { 0 };
	GS_AUTO(gs_verdict_done) struct gs_verdict verdict = { 0 };
	const struct gs_knock knock = { &host, "eth0", 2049, NULL };
	const struct gs_firewall_fact fact = { &firewall, &knock, &verdict, "/srv" };
	struct gs_err err = { 0 };

	put(&firewall, 0, row->conf);
	put(&firewall, 1, row->defaults);
	put(&firewall, strchr(row->host, ':') ? 3 : 2, row->rules);
	firewall.charge = firewall.kind->charge(&firewall);
	assert_int_equal(gs_hostspec_parse(gs_span_of(row->host), &host, &err), 0);
	gs_firewall_judge(&firewall, &knock, &verdict);
	if (firewall.charge == GS_CHARGE_NOW)
		assert_int_equal(gs_firewall_tell(&fact, GS_FAIL, &findings), row->id ? 1 : 0);
	else
		assert_int_equal(verdict.now, GS_GATE_OPEN);
	assert_int_equal(findings.n, row->id ? 1 : 0);
	if (!row->id)
		return;
	assert_string_equal(findings.v[0].id, row->id);
	assert_string_equal(findings.v[0].fix, row->fix);
}

/* ---- firewalld ---------------------------------------------------------------------------- */

#define RICH(level, tag)                                                                           \
	"\trule " level                                                                            \
	"family=\"ipv4\" source address=\"10.0.0.8\" port port=\"2049\" "                          \
	"protocol=\"tcp\" log prefix=\"" tag "\" level=\"debug\" limit value=\"1/h\" accept\n"
#define OURS	     RICH("", "gshare /srv")
#define DROP8	     "\trule family=\"ipv4\" source address=\"10.0.0.8\" drop\n"
#define FAR(action)  "\trule priority=\"-5\" source address=\"10.0.0.0/24\" " action "\n"
#define LATE(action) "\trule priority=\"5\" family=\"ipv4\" " action "\n"

/* Zones of one listing: the default one with its rich rules, one with a source, and two more. */
#define ZONES(services, ports, rich)                                                                 \
	"block\n  target: %%REJECT%%\n  interfaces: \n  sources: \n  services: \n  ports: \n"        \
	"  rich rules: \n\n"                                                                         \
	"public (active)\n  target: default\n  interfaces: eth0\n  sources: \n  services: " services \
	"\n  ports: " ports "\n  protocols: \n  rich rules: \n" rich                                 \
	"\n"                                                                                         \
	"trusted (active)\n  target: ACCEPT\n  interfaces: eth9\n  sources: 10.9.0.0/16\n"           \
	"  services: \n  ports: \n  rich rules: \n"

static const struct zone_row {
	const char *name, *host, *interface, *now, *kept;
	enum gs_gate gate_now, gate_kept;
	const char *zone;
	int level;
	bool is_ours;
} zone_rows[] = {
	{ "no rule", "10.0.0.8", "eth0", ZONES("ssh", "", ""), ZONES("ssh", "", ""), GS_GATE_CLOSED,
	  GS_GATE_CLOSED, "public", 0, false },
	{ "no interface known: the default zone", "10.0.0.8", NULL, ZONES("ssh", "", ""),
	  ZONES("nfs", "", ""), GS_GATE_CLOSED, GS_GATE_OPEN, "public", 0, false },
	{ "our own rule", "10.0.0.8", "eth0", ZONES("ssh", "", OURS), ZONES("ssh", "", OURS),
	  GS_GATE_OPEN, GS_GATE_OPEN, "public", 0, true },
	{ "our own rule, running only", "10.0.0.8", "eth0", ZONES("ssh", "", OURS),
	  ZONES("ssh", "", ""), GS_GATE_OPEN, GS_GATE_CLOSED, "public", 0, true },
	{ "another host's rule", "10.0.0.9", "eth0", ZONES("ssh", "", OURS), ZONES("", "", OURS),
	  GS_GATE_CLOSED, GS_GATE_CLOSED, "public", 0, false },
	{ "IPv6 is another family", "fd00::8", "eth0", ZONES("ssh", "", LATE("accept")),
	  ZONES("", "", ""), GS_GATE_CLOSED, GS_GATE_CLOSED, "public", 0, false },
	{ "a range of ports", "10.0.0.8", "eth0", ZONES("ssh", "22/udp 2000-2100/tcp", ""),
	  ZONES("ssh", "2049/udp", ""), GS_GATE_OPEN, GS_GATE_CLOSED, "public", 0, false },
	{ "a zone bound to the source comes first", "10.9.1.1", "eth0", ZONES("ssh", "", ""),
	  ZONES("ssh", "", ""), GS_GATE_OPEN, GS_GATE_OPEN, "trusted", 0, false },
	{ "the zone of the interface", "10.0.0.8", "eth9", ZONES("ssh", "", ""),
	  ZONES("ssh", "", ""), GS_GATE_OPEN, GS_GATE_OPEN, "trusted", 0, false },
	{ "a rule that drops comes before one that accepts", "10.0.0.8", "eth0",
	  ZONES("nfs", "", OURS DROP8), ZONES("nfs", "", DROP8), GS_GATE_DENIED, GS_GATE_DENIED,
	  "public", -1, false },
	{ "unless that has a lower priority", "10.0.0.8", "eth0",
	  ZONES("", "", DROP8 RICH("priority=\"-1\" ", "gshare /srv")),
	  ZONES("", "", DROP8 RICH("priority=\"-1\" ", "gshare /srv")), GS_GATE_OPEN, GS_GATE_OPEN,
	  "public", 0, true },
	{ "a network is rejected earlier still", "10.0.0.8", "eth0",
	  ZONES("", "", FAR("reject type=\"icmp-admin-prohibited\"") RICH("", "gshare /srv")),
	  ZONES("", "", ""), GS_GATE_DENIED, GS_GATE_CLOSED, "public", -6, false },
	{ "a late rule counts where nothing else does", "10.0.0.8", "eth0",
	  ZONES("", "", LATE("accept")), ZONES("nfs", "", LATE("drop")), GS_GATE_OPEN, GS_GATE_OPEN,
	  "public", 0, false },
	{ "what is not understood denies nobody", "10.0.0.8", "eth0",
	  ZONES("nfs", "",
		"\trule source NOT address=\"10.0.0.8\" drop\n"
		"\trule source mac=\"00:00:00:00:00:00\" drop\n"
		"\trule protocol value=\"icmp\" drop\n"
		"\trule service name=\"ssh\" drop\n"),
	  ZONES("nfs", "", "rule\n\trule \n\trule family=\"\n"), GS_GATE_OPEN, GS_GATE_OPEN,
	  "public", 0, false },
	{ "garbage", "10.0.0.8", "eth0", "\n \n\tx: y\nfoo", "", GS_GATE_UNKNOWN, GS_GATE_UNKNOWN,
	  "public", 0, false },
};

static void judges_firewalld(void **state)
{
	const struct zone_row *row = *state;
	GS_AUTO(gs_firewall_done)
	struct gs_firewall firewall = { .kind = &gs_firewall_firewalld, .charge = GS_CHARGE_NOW };
	GS_AUTO(gs_hostspec_done) struct gs_hostspec host = { 0 };
	GS_AUTO(gs_verdict_done) struct gs_verdict verdict = { 0 };
	const struct gs_knock knock = { &host, row->interface, 2049, NULL };
	struct gs_err err = { 0 };

	put(&firewall, 0, "# DefaultZone=home\nDefaultZone=public\n");
	put(&firewall, 1, row->now);
	put(&firewall, 2, row->kept);
	assert_int_equal(gs_hostspec_parse(gs_span_of(row->host), &host, &err), 0);
	gs_firewall_judge(&firewall, &knock, &verdict);
	assert_int_equal(verdict.now, row->gate_now);
	assert_int_equal(verdict.kept, row->gate_kept);
	assert_string_equal(verdict.zone.ptr, row->zone);
	assert_int_equal(verdict.level, row->level);
	assert_int_equal(verdict.is_ours, row->is_ours);
}

/* ---- which rules are gshare's, and the commands that put them back ------------------------- */

#define ALLOW(host, comment) TUPLE "allow tcp 2049 0.0.0.0/0 any " host " in" comment "\n"

static const struct own_row {
	const char *name;
	const struct gs_firewall_kind *kind;
	const char *text[GS_FIREWALL_READS];
	const char *found; /* a line each: half, then the command that adds it */
} own_rows[] = {
	{ "ufw: those with the tag alone, each with its place",
	  &gs_firewall_ufw,
	  { "ENABLED=no\n", "",
	    ALLOW("10.0.0.7", "") ALLOW("10.0.0.8", " comment=" SRV)
		    ALLOW("10.0.0.9", " comment=6c616e") ALLOW("10.0.0.10", " comment=" SRV) TUPLE
	    "deny tcp 2049 0.0.0.0/0 any 10.0.0.11 in comment=" SRV "\n",
	    TUPLE "allow tcp 2049 ::/0 any fd00::8 in comment=" SRV "\n" },
	  "3 ufw insert 2 allow from 10.0.0.8 to any port 2049 proto tcp comment 'gshare /srv'\n"
	  "3 ufw insert 4 allow from 10.0.0.10 to any port 2049 proto tcp comment 'gshare "
	  "/srv'\n"
	  "3 ufw allow from fd00::8 to any port 2049 proto tcp comment 'gshare /srv'\n" },
	{ "ufw: one that is not loaded",
	  &gs_firewall_ufw,
	  { ENABLED, DROPS,
	    ALLOW("10.0.0.8", " comment=" SRV) ALLOW("10.0.0.0/24", " comment=" SRV), "",
	    "-N ufw-user-input\n-A ufw-user-input -s 10.0.0.0/24 -p tcp -m tcp --dport 2049 -j "
	    "ACCEPT\n" },
	  "2 ufw insert 1 allow from 10.0.0.8 to any port 2049 proto tcp comment 'gshare /srv'\n"
	  "3 ufw allow from 10.0.0.0/24 to any port 2049 proto tcp comment 'gshare /srv'\n" },
	{ "firewalld: running and permanent",
	  &gs_firewall_firewalld,
	  { "", ZONES("", "", OURS DROP8 RICH("priority=\"-1\" ", "gshare #1a2b3c4d")),
	    ZONES("", "", OURS RICH("", "lan")) },
	  "3 firewall-cmd --permanent --zone=public '--add-rich-rule=rule family=\"ipv4\" source "
	  "address=\"10.0.0.8\" port port=\"2049\" protocol=\"tcp\" log prefix=\"gshare "
	  "/srv\" level=\"debug\" limit value=\"1/h\" accept' && firewall-cmd --zone=public "
	  "'--add-rich-rule=rule family=\"ipv4\" source address=\"10.0.0.8\" port "
	  "port=\"2049\" protocol=\"tcp\" log prefix=\"gshare /srv\" level=\"debug\" limit "
	  "value=\"1/h\" accept'\n"
	  "1 firewall-cmd --permanent --zone=public '--add-rich-rule=rule priority=\"-1\" "
	  "family=\"ipv4\" source address=\"10.0.0.8\" port port=\"2049\" "
	  "protocol=\"tcp\" log prefix=\"gshare #1a2b3c4d\" level=\"debug\" limit "
	  "value=\"1/h\" accept' && firewall-cmd --zone=public '--add-rich-rule=rule "
	  "priority=\"-1\" family=\"ipv4\" source address=\"10.0.0.8\" port "
	  "port=\"2049\" protocol=\"tcp\" log prefix=\"gshare #1a2b3c4d\" level=\"debug\" "
	  "limit value=\"1/h\" accept'\n" },
	{ "none", &gs_firewall_none, { "" }, "" },
};

static void finds_own(void **state)
{
	const struct own_row *row = *state;
	GS_AUTO(gs_firewall_done) struct gs_firewall firewall = { .kind = row->kind };
	GS_AUTO(gs_openings_done) struct gs_openings list = { 0 };
	gs_autostr struct gs_str found = { 0 };

	for (size_t i = 0; i < GS_FIREWALL_READS; i++)
		if (row->text[i])
			put(&firewall, i, row->text[i]);
	firewall.charge = row->kind->charge(&firewall);
	gs_firewall_openings(&firewall, &list);
	for (size_t i = 0; i < list.n; i++) {
		gs_autostr struct gs_str command = { 0 };

		gs_opening_command(&list.v[i], false, &command);
		gs_str_addf(&found, "%u %s\n", list.half[i], command.ptr);
		assert_int_equal(gs_openings_half(&list, &list.v[i]), list.half[i]);
	}
	assert_string_equal(found.len ? found.ptr : "", row->found);
}

#define SAVE(input)                                                                                \
	"*filter\n:INPUT ACCEPT [0:0]\n:MINE - [0:0]\n" input                                      \
	"-A MINE -p tcp -m tcp --dport 2049 -j DROP\nCOMMIT\n"

static const struct loaded_row {
	const char *name;
	const struct gs_firewall_kind *kind;
	const char *save; /* NULL: it cannot be listed */
	enum gs_gate now;
} loaded_rows[] = {
	{ "no tool, and nothing refuses", &gs_firewall_none, SAVE(""), GS_GATE_OPEN },
	{ "no tool, and a chain of somebody's refuses", &gs_firewall_none,
	  SAVE("-A INPUT -j MINE\n"), GS_GATE_CLOSED },
	{ "no tool, and what is loaded is not known", &gs_firewall_none, NULL, GS_GATE_UNKNOWN },
	{ "ufw is not enabled, and nothing refuses", &gs_firewall_ufw, SAVE(""), GS_GATE_OPEN },
	{ "ufw is not enabled, and a chain of somebody's refuses", &gs_firewall_ufw,
	  SAVE("-A INPUT -j MINE\n"), GS_GATE_CLOSED },
	{ "ufw is not enabled, and what is loaded is not known", &gs_firewall_ufw, NULL,
	  GS_GATE_UNKNOWN },
};

static void judges_loaded(void **state)
{
	const struct loaded_row *row = *state;
	GS_AUTO(gs_hostspec_done) struct gs_hostspec host = { 0 };
	GS_AUTO(gs_verdict_done) struct gs_verdict verdict = { 0 };
	GS_AUTO(gs_firewall_done)
	struct gs_firewall firewall = { .kind = row->kind,
					.charge = GS_CHARGE_LATER,
					.knows_loaded = row->save,
					.unlisted = !row->save };

	if (row->save)
		gs_ruleset_read_save(&firewall.loaded, gs_span_of(row->save), false, true,
				     "iptables");
	gs_hostspec_read(gs_span_of("10.0.0.8"), &host);
	gs_firewall_judge(&firewall, &(struct gs_knock){ &host, "eth0", 2049, NULL }, &verdict);
	assert_int_equal(verdict.now, row->now);
}

static const struct tag_row {
	const char *name, *path, *tag;
} tag_rows[] = {
	{ "usual", "/mnt/data/shared", "gshare /mnt/data/shared" },
	{ "longest", "/mnt/data/shared/abc", "gshare /mnt/data/shared/abc" },
	{ "too long", "/mnt/data/shared/abcd", "gshare #530b901d" },
	{ "odd", "/srv/a b\"", "gshare #84872855" },
};

static void makes_tag(void **state)
{
	const struct tag_row *row = *state;
	gs_autostr struct gs_str tag = { 0 };

	gs_opening_tag(row->path, &tag);
	assert_string_equal(tag.ptr, row->tag);
	assert_true(gs_opening_is_tag(gs_str_span(&tag)));
	assert_false(gs_opening_is_tag(gs_span_of("gshared /srv")));
}

int main(void)
{
	static struct table table;

	TABLE_ADD(&table, ufw_rows, judges_ufw);
	TABLE_ADD(&table, zone_rows, judges_firewalld);
	TABLE_ADD(&table, own_rows, finds_own);
	TABLE_ADD(&table, loaded_rows, judges_loaded);
	TABLE_ADD(&table, tag_rows, makes_tag);
	return table_run("firewall", &table);
}
