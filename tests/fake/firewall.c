/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake/fake.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * A ufw whose rules are lines of a file, all of them of IPv4: it is there where fake_put() made its
 * ufw.conf. What the kernel has is what the file has.
 */

#define RULES "/etc/ufw/user.rules"
#define TUPLE "### tuple ### allow tcp "

static bool has(struct gs_sys *sys, const char *path)
{
	return !strcmp(path, "/usr/sbin/ufw") && fake_find(fake_of(sys), "/etc/ufw/ufw.conf");
}

static bool is_running(struct gs_sys *sys, const char *name)
{
	(void)sys;
	(void)name;
	return false;
}

static const char *after(const char *const *argv, const char *word)
{
	for (; *argv; argv++)
		if (!strcmp(*argv, word))
			return argv[1];
	return "";
}

static void add_line(const char *const *argv, struct gs_str *out)
{
	const char *comment = after(argv, "comment");

	gs_str_addf(out, TUPLE "%s 0.0.0.0/0 any %s in comment=", after(argv, "port"),
		    after(argv, "from"));
	for (; *comment; comment++)
		gs_str_addf(out, "%02x", (unsigned char)*comment);
	gs_str_addc(out, '\n');
}

/* Without the rule, and with it at its place where it is added. */
static void edit(struct gs_file *file, const char *const *argv, struct gs_str *ret)
{
	gs_autofree char *same = gs_printf(TUPLE "%s 0.0.0.0/0 any %s in", after(argv, "port"),
					   after(argv, "from"));
	const char *place = after(argv, "insert");
	struct gs_span rest = gs_str_span(&file->text), line;
	bool removes = !strcmp(argv[1], "delete"), put = removes;
	uint64_t left = 0;

	(void)gs_span_number(gs_span_of(place), UINT16_MAX, &left);
	while (gs_span_cut(&rest, '\n', &line)) {
		bool is_it = gs_span_has_prefix(line, same);

		if (!put && left && --left == 0) {
			add_line(argv, ret);
			put = true;
		}
		if (is_it && !put) {
			add_line(argv, ret);
			put = true;
		} else if (!is_it && line.len) {
			gs_str_add(ret, line);
			gs_str_addc(ret, '\n');
		}
	}
	if (!put)
		add_line(argv, ret);
}

static int run_ufw(struct gs_sys *sys, const struct gs_firewall_run *what, struct gs_err *err)
{
	struct fake *fake = fake_of(sys);
	struct gs_file *file = fake_find(fake, RULES);
	gs_autostr struct gs_str text = { 0 };

	if (fake_change(sys, "ufw", err) < 0)
		return err->code;
	if (fake->firewall == FAKE_HANGS) {
		fake->now_ns = what->deadline_ns;
		return gs_err_set(err, ETIMEDOUT, "'%s' did not end", what->argv[0]);
	}
	if (fake->firewall == FAKE_FAILS)
		return gs_err_set(err, GS_E_CHILD, "'%s' ended with status 1", what->argv[0]);
	if (fake->firewall == FAKE_LIES)
		return 0;
	edit(file, what->argv, &text);
	fake_put(fake, RULES, text.len ? text.ptr : "");
	return 0;
}

/* "iptables -S": the rules as they are loaded. */
static void list(struct fake *fake, struct gs_str *out)
{
	struct gs_span rest = gs_span_of(fake_text(fake, RULES)), line;
	unsigned port;
	char host[64];

	while (gs_span_cut(&rest, '\n', &line)) {
		gs_autofree char *text = gs_span_dup(line);

		if (sscanf(text, TUPLE "%u 0.0.0.0/0 any %63s", &port, host) == 2)
			gs_str_addf(out,
				    "-A ufw-user-input -s %s/32 -p tcp -m tcp --dport %u -j "
				    "ACCEPT\n",
				    host, port);
	}
}

static int run(struct gs_sys *sys, const struct gs_firewall_run *what, struct gs_str *ret_output,
	       struct gs_err *err)
{
	if (!strcmp(what->argv[0], "/usr/sbin/ufw"))
		return run_ufw(sys, what, err);
	if (fake_step(sys, "iptables", err) < 0)
		return err->code;
	if (!strcmp(what->argv[0], "/usr/sbin/iptables"))
		list(fake_of(sys), ret_output);
	return 0;
}

static int interface(struct gs_sys *sys, const char *addr, struct gs_str *ret, struct gs_err *err)
{
	(void)addr;
	if (fake_step(sys, "interface", err) < 0)
		return err->code;
	gs_str_adds(ret, "eth0");
	return 0;
}

const struct gs_firewall_ops fake_firewall = {
	.has = has,
	.is_running = is_running,
	.run = run,
	.interface = interface,
};
