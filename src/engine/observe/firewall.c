/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/observe/firewall.h"

#include <string.h>

#include "core/exports/exports.h"
#include "engine/observe/loaded.h"

enum {
	TEXT_BYTES = 4 << 20, /* rules of thousands of hosts */
	WAYS_MAX = 1024,
};

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
		       : gs_firewall_run(sys, beside, read->argv, &firewall->text[i], &unread);
	firewall->known[i] = r == 0 && exists;
	if (r < 0 && read->must && !firewall->unread)
		firewall->unread = gs_strdup(unread.msg);
}

/* @loaded: lent while the row is asked whether it is in charge */
static void read_kind(struct gs_sys *sys, bool beside, const struct gs_firewall_kind *kind,
		      const struct gs_ruleset *loaded, struct gs_firewall *ret)
{
	*ret = (struct gs_firewall){ .kind = kind, .loaded = *loaded };
	for (size_t i = 0; kind->reads[i].file || kind->reads[i].argv; i++)
		read_one(sys, beside, i, ret);
	if (!ret->unread && kind->makes_sense && !kind->makes_sense(ret))
		ret->unread = gs_printf("%s does not say what its rules are", kind->program);
	ret->charge = kind->charge(ret);
	/* The program is there, and what it is told cannot be read. */
	if (ret->unread && ret->charge == GS_CHARGE_NOT)
		ret->charge = GS_CHARGE_NOW;
	ret->loaded = (struct gs_ruleset){ 0 };
}

/* @knows: all of it is listed. A row that changes what is loaded says nothing without that. */
static void give_loaded(struct gs_sys *sys, const struct gs_ruleset *loaded, bool knows,
			struct gs_firewall *ret)
{
	struct gs_err lacking = { 0 };

	ret->loaded = *loaded;
	ret->knows_loaded = knows;
	ret->unlisted = sys->ops->firewall && !knows;
	if (ret->unlisted && ret->kind && ret->kind->asks && !ret->unread)
		ret->unread = gs_strdup("what is loaded cannot be listed");
	ret->hidden = ret->unread && sys->ops->privs->need(GS_PHASE_APPLY, &lacking) < 0;
}

void gs_observe_kind(struct gs_sys *sys, bool beside, const struct gs_firewall_kind *kind,
		     struct gs_firewall *ret)
{
	struct gs_ruleset loaded = { 0 };
	bool knows_loaded = gs_observe_loaded(sys, beside, &loaded);

	read_kind(sys, beside, kind, &loaded, ret);
	give_loaded(sys, &loaded, knows_loaded, ret);
}

void gs_observe_firewall(struct gs_sys *sys, bool beside, struct gs_firewall *ret)
{
	struct gs_firewall later = { 0 };
	struct gs_ruleset loaded = { 0 };
	bool knows_loaded = gs_observe_loaded(sys, beside, &loaded);
	const struct gs_firewall_kind *kind;

	for (size_t i = 0; (kind = gs_firewall_at(i)); i++) {
		struct gs_firewall seen;

		if (!is_there(sys, kind))
			continue;
		read_kind(sys, beside, kind, &loaded, &seen);
		if (seen.charge == GS_CHARGE_NOW) {
			gs_firewall_done(&later);
			*ret = seen;
			give_loaded(sys, &loaded, knows_loaded, ret);
			return;
		}
		if (seen.charge == GS_CHARGE_LATER && !later.kind)
			later = seen;
		else
			gs_firewall_done(&seen);
	}
	*ret = later;
	give_loaded(sys, &loaded, knows_loaded, ret);
}

void gs_observe_way(struct gs_sys *sys, const char *addr, struct gs_names *ways)
{
	gs_autofree char *host = gs_span_dup(gs_span(addr, strcspn(addr, "/")));
	gs_autofree char *own = NULL;
	gs_autostr struct gs_str name = { 0 };
	struct gs_strs names = { 0 };
	struct gs_err no_way = { 0 };

	if (!sys->ops->firewall || sys->ops->firewall->interface(sys, host, &name, &no_way) < 0)
		return;
	gs_strs_add(&names, name.ptr);
	if (sys->ops->net->address_facing(sys, host, &own, &no_way) == 0)
		gs_strs_add(&names, own);
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
