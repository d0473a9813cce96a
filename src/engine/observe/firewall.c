/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/observe/firewall.h"

#include <string.h>

#include "core/exports/exports.h"

enum {
	TEXT_BYTES = 4 << 20, /* rules of thousands of hosts */
	PROGRAM_MS = 15000, /* firewall-cmd and ufw are Python: a second, on a slow machine five */
	WAYS_MAX = 1024,
};

static bool may_extend(const struct gs_sys *sys)
{
	return sys->who && sys->who->extend_ms;
}

int64_t gs_firewall_deadline(const struct gs_sys *sys, bool beside)
{
	int64_t end_ns = sys->ops->clock->now_ns((struct gs_sys *)(uintptr_t)sys) +
			 PROGRAM_MS * INT64_C(1000000);

	return (beside && may_extend(sys)) || end_ns < sys->deadline_ns ? end_ns : sys->deadline_ns;
}

void gs_firewall_took(struct gs_sys *sys, int64_t begin_ns)
{
	int64_t took_ns = sys->ops->clock->now_ns(sys) - begin_ns;

	if (!may_extend(sys))
		return;
	sys->end_ns += took_ns;
	sys->deadline_ns += took_ns;
}

static bool is_there(struct gs_sys *sys, const struct gs_firewall_kind *kind)
{
	const struct gs_firewall_ops *ops = sys->ops->firewall;
	struct gs_inode inode = { 0 };
	struct gs_err hidden = { 0 };
	bool there;

	if (!kind->program)
		return true;
	if (ops)
		return ops->has(sys, kind->program) &&
		       (!kind->process || ops->is_running(sys, kind->process));
	if (!sys->offline || kind->process ||
	    sys->ops->fs->look(sys, kind->program, &inode, &hidden) < 0)
		return false;
	there = inode.type != GS_INODE_ABSENT;
	gs_inode_done(&inode);
	return there;
}

static int run(struct gs_sys *sys, const char *const *argv, bool beside, struct gs_str *ret,
	       struct gs_err *err)
{
	const struct gs_firewall_run what = { argv, gs_firewall_deadline(sys, beside) };
	int64_t begin_ns = sys->ops->clock->now_ns(sys);
	int r = sys->ops->firewall->run(sys, &what, ret, err);

	if (beside)
		gs_firewall_took(sys, begin_ns);
	return r;
}

/* A program that only adds to what the files say is run where those are in charge. */
static bool wants(const struct gs_sys *sys, const struct gs_firewall *firewall,
		  const struct gs_firewall_read *read)
{
	if (read->file)
		return true;
	return sys->ops->firewall &&
	       (read->must || firewall->kind->charge(firewall) == GS_CHARGE_NOW);
}

static void read_one(struct gs_sys *sys, bool beside, size_t i, struct gs_firewall *firewall)
{
	const struct gs_firewall_read *read = &firewall->kind->reads[i];
	struct gs_err unread = { 0 };
	bool exists = true;
	int r;

	if (!wants(sys, firewall, read))
		return;
	r = read->file ? sys->ops->fs->read_file(sys, read->file, TEXT_BYTES, &firewall->text[i],
						 &exists, &unread)
		       : run(sys, read->argv, beside, &firewall->text[i], &unread);
	firewall->known[i] = r == 0 && exists;
	if (r < 0 && read->must && !firewall->unread)
		firewall->unread = gs_strdup(unread.msg);
}

static void read_kind(struct gs_sys *sys, bool beside, const struct gs_firewall_kind *kind,
		      struct gs_firewall *ret)
{
	struct gs_err lacking = { 0 };

	*ret = (struct gs_firewall){ .kind = kind };
	for (size_t i = 0; kind->reads[i].file || kind->reads[i].argv; i++)
		read_one(sys, beside, i, ret);
	ret->charge = kind->charge(ret);
	/* The program is there, and what it is told cannot be read. */
	if (ret->unread && ret->charge == GS_CHARGE_NOT)
		ret->charge = GS_CHARGE_NOW;
	ret->hidden = ret->unread && sys->ops->privs->need(GS_PHASE_APPLY, &lacking) < 0;
}

void gs_observe_firewall(struct gs_sys *sys, bool beside, struct gs_firewall *ret)
{
	struct gs_firewall later = { 0 };
	const struct gs_firewall_kind *kind;

	for (size_t i = 0; (kind = gs_firewall_at(i)); i++) {
		struct gs_firewall seen;

		if (!is_there(sys, kind))
			continue;
		read_kind(sys, beside, kind, &seen);
		if (seen.charge == GS_CHARGE_NOW) {
			gs_firewall_done(&later);
			*ret = seen;
			return;
		}
		if (seen.charge == GS_CHARGE_LATER && !later.kind)
			later = seen;
		else
			gs_firewall_done(&seen);
	}
	*ret = later;
}

void gs_observe_way(struct gs_sys *sys, const char *addr, struct gs_names *ways)
{
	gs_autofree char *host = gs_span_dup(gs_span(addr, strcspn(addr, "/")));
	gs_autostr struct gs_str name = { 0 };
	struct gs_strs names = { 0 };
	struct gs_err no_way = { 0 };

	if (!sys->ops->firewall || sys->ops->firewall->interface(sys, host, &name, &no_way) < 0)
		return;
	gs_strs_add(&names, name.ptr);
	gs_names_add(ways, addr, &names);
}

void gs_observe_ways(struct gs_sys *sys, const struct gs_docs *docs, struct gs_names *ways)
{
	for (size_t d = 0; d < docs->n; d++)
		for (size_t i = 0; i < docs->v[d].n && ways->n < WAYS_MAX; i++) {
			const struct gs_hostspec *host = &docs->v[d].entry[i].host;

			if ((host->kind == GS_HOST_ADDR || host->kind == GS_HOST_NET) &&
			    !gs_names_find(ways, host->text))
				gs_observe_way(sys, host->text, ways);
		}
}
