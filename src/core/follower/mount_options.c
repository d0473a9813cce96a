/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/follower/mount_options.h"

#include "base/types.h"
#include "core/format/fstab.h"
#include "core/fskind/nfs_options.h"

/*
 * hard: a soft mount loses writes silently. timeo and retrans are the kernel's defaults for TCP,
 * written out so that fstab shows them: nfs(5). In fstab only: mount after the network is up, and
 * boot without the leader.
 */
enum own {
	VERS,
	PROTO,
	PORT,
	HARD,
	TIMEO,
	RETRANS,
	NOSUID,
	NODEV,
	RO,
	NETDEV,
	NOFAIL,
	AUTO,
	ID,
	POSTGRES,
	PROFILE,
	OWN
};

enum { RIVALS = 9 };

static const struct {
	const char *name, *value; /* NULL: a flag, or a value that is asked for */
	bool may_differ;	  /* another value is the administrator's choice */
	const char *rivals[RIVALS];
} own[] = {
	[VERS] = { "vers", NULL, false, { "nfsvers", "minorversion", "v4.2", "v4.1", "v4" } },
	[PROTO] = { "proto", NULL, false, { "tcp", "udp", "rdma" } },
	[PORT] = { "port", NULL, false, { NULL } },
	/* bg lets the boot go on before the share is there: Docker would start on a bare path. */
	[HARD] = { "hard", NULL, false, { "soft", "softerr", "softreval", "bg" } },
	[TIMEO] = { "timeo", GS_NFS_TIMEO, true, { NULL } },
	[RETRANS] = { "retrans", GS_NFS_RETRANS, true, { NULL } },
	[NOSUID] = { "nosuid", NULL, false, { "suid" } },
	[NODEV] = { "nodev", NULL, false, { "dev" } },
	[RO] = { "ro", NULL, false, { "rw" } },
	[NETDEV] = { "_netdev", NULL, false, { NULL } },
	[NOFAIL] = { "nofail", NULL, false, { "fail" } },
	[AUTO] = { "auto", NULL, false, { "noauto" } },
	[ID] = { "x-gshare.id", NULL, false, { NULL } },
	[POSTGRES] = { "x-gshare.postgres", NULL, false, { NULL } },
	[PROFILE] = { GS_NFS_PROFILE_OPTION, NULL, false, { NULL } },
};

struct making {
	const struct gs_mount_asked *asked;
	struct gs_str *mount, *fstab, *replaced;
	bool has[OWN];
	const struct gs_nfs_profile *was; /* of the entry */
	struct gs_str typed;		  /* --options that the entry lacks */
	bool is_tuned;			  /* they, and the profile's, are in the lists */
};

static void add(struct gs_str *list, struct gs_span option)
{
	gs_str_adds(list, list->len ? "," : "");
	gs_str_add(list, option);
}

static void keep(struct making *m, struct gs_span option)
{
	add(m->fstab, option);
	if (!gs_mountopt_is_for_fstab(option))
		add(m->mount, option);
}

/*
 * Returns false where the option is not wanted: ro of an rw mount, the id of a share without, what
 * is so by itself.
 */
static bool make_own(const struct making *m, enum own which, struct gs_str *out)
{
	const struct gs_mount_asked *asked = m->asked;

	if (which == AUTO || (which == RO && !asked->ro) || (which == ID && !asked->id[0]) ||
	    (which == PORT && asked->port == GS_NFS_PORT) ||
	    (which == POSTGRES && !asked->postgres) ||
	    (which == PROFILE && (!asked->profile || asked->profile == gs_nfs_profiles)))
		return false;
	gs_str_adds(out, own[which].name);
	if (which == VERS)
		gs_str_addf(out, "=4.%u", asked->minor);
	else if (which == PROTO)
		gs_str_addf(out, "=%s", asked->proto);
	else if (which == PORT)
		gs_str_addf(out, "=%u", asked->port);
	else if (which == ID)
		gs_str_addf(out, "=%s", asked->id);
	else if (which == POSTGRES)
		gs_str_addf(out, "=%s", asked->postgres);
	else if (which == PROFILE)
		gs_str_addf(out, "=%s", asked->profile->name);
	else if (own[which].value)
		gs_str_addf(out, "=%s", own[which].value);
	return true;
}

/* The row that an option belongs to, OWN for one of others. */
static enum own find_own(struct gs_span name, bool *ret_is_rival)
{
	for (enum own i = VERS; i < OWN; i++) {
		*ret_is_rival = !gs_span_is_text(name, own[i].name);
		if (!*ret_is_rival)
			return i;
		for (size_t k = 0; k < RIVALS && own[i].rivals[k]; k++)
			if (gs_span_is_text(name, own[i].rivals[k]))
				return i;
	}
	return OWN;
}

/* Is it a loss that has to be reported? Other ways to say what gshare has are none. */
static bool is_loss(enum own which, struct gs_span option)
{
	static const char *const same[] = {
		"rw",	     "tcp",	    "proto=tcp",   "proto=tcp6",     "v4",
		"v4.1",	     "v4.2",	    "vers=4",	   "vers=4.1",	     "vers=4.2",
		"nfsvers=4", "nfsvers=4.1", "nfsvers=4.2", "minorversion=1", "minorversion=2",
		"port=2049", "port=0",	    "auto"
	};

	for (size_t i = 0; i < GS_COUNT(same); i++)
		if (gs_span_is_text(option, same[i]))
			return false;
	/* The id is compared with the share's; the host and the profile were asked for. */
	return which != ID && which != POSTGRES && which != PROFILE;
}

static void take_own(struct making *m, enum own which, bool is_rival, struct gs_span option,
		     struct gs_span value)
{
	gs_autostr struct gs_str text = { 0 };
	bool wanted = make_own(m, which, &text);
	bool stays = !is_rival && (gs_span_is(gs_str_span(&text), option) ||
				   (own[which].may_differ && value.len));

	if (!(stays && wanted) && is_loss(which, option)) {
		gs_str_adds(m->replaced, m->replaced->len ? ", " : "");
		gs_str_add_safe(m->replaced, option);
	}
	if (m->has[which] || !wanted)
		return;
	keep(m, stays ? option : gs_str_span(&text));
	m->has[which] = true;
}

/* The administrator's, whatever gshare has: of noauto, what mounts at the first access instead. */
static bool is_left(const struct gs_mount_asked *asked, enum own which)
{
	return which == OWN || (which == POSTGRES && !asked->postgres) ||
	       (which == PROFILE && !asked->profile) ||
	       (which == AUTO && gs_mountopt_at_boot(asked->line));
}

/* ---- profile and --options ------------------------------------------------------------------ */

/* Is the option in the entry, and none behind it that takes its place? Then it stays there. */
static bool stays(const struct making *m, struct gs_span option)
{
	struct gs_span rest = gs_span_of(m->asked->line), other;
	bool is_there = false;

	while (gs_mountopt_next(&rest, &other))
		is_there = gs_span_is(other, option) ||
			   (is_there && !gs_nfs_option_replaces(other, option));
	return is_there;
}

/* What every mount has anyway stays where it is, too. */
static void add_typed(struct making *m)
{
	struct gs_span rest = gs_span_of(m->asked->options), option;

	while (gs_mountopt_next(&rest, &option)) {
		struct gs_span value = option, name;
		bool is_rival = false;
		enum own which;

		gs_span_cut(&value, '=', &name);
		which = find_own(name, &is_rival);
		if ((which != OWN && !own[which].may_differ) || stays(m, option))
			continue;
		add(&m->typed, option);
		if (which != OWN)
			m->has[which] = true;
	}
}

/* Does another option take the place of this one of the entry? */
static bool is_dropped(const struct making *m, struct gs_span option)
{
	const struct gs_nfs_profile *profile = m->asked->profile;

	return gs_nfs_options_replace(m->typed.ptr, option) ||
	       (profile && profile != m->was && gs_nfs_profile_has(m->was, option));
}

/* Has somebody chosen otherwise, by --options or by hand in the entry? */
static bool is_chosen(const struct making *m, struct gs_span option)
{
	struct gs_span rest = gs_span_of(m->asked->line), other;

	if (gs_nfs_options_replace(m->typed.ptr, option))
		return true;
	while (gs_mountopt_next(&rest, &other))
		if (!is_dropped(m, other) && (gs_nfs_option_replaces(option, other) ||
					      gs_nfs_option_replaces(other, option)))
			return true;
	return false;
}

static void tune(struct making *m)
{
	const struct gs_nfs_profile *profile = m->asked->profile;
	gs_autostr struct gs_str list = { 0 };
	struct gs_span rest, option;

	if (m->is_tuned)
		return;
	m->is_tuned = true;
	if (profile)
		gs_str_adds(&list, profile->options);
	if (profile && profile->connects)
		gs_str_addf(&list, "%snconnect=%u", list.len ? "," : "", m->asked->connections);
	rest = gs_str_span(&list);
	while (gs_mountopt_next(&rest, &option))
		if (!is_chosen(m, option))
			keep(m, option);
	rest = gs_str_span(&m->typed);
	while (gs_mountopt_next(&rest, &option))
		keep(m, option);
}

/* ---- all of them ---------------------------------------------------------------------------- */

static void keep_line(struct making *m)
{
	struct gs_span rest = gs_span_of(m->asked->line), option;

	while (gs_mountopt_next(&rest, &option)) {
		struct gs_span value = option, name;
		bool is_rival = false;
		enum own which;

		if (is_dropped(m, option))
			continue;
		gs_span_cut(&value, '=', &name);
		which = find_own(name, &is_rival);
		if (is_left(m->asked, which))
			keep(m, option);
		else
			take_own(m, which, is_rival, option, value);
	}
	/* Behind all others: of options that say one thing the kernel takes the last. */
	if (m->fstab->len)
		tune(m);
}

void gs_mount_options(const struct gs_mount_asked *asked, struct gs_str *ret_mount,
		      struct gs_str *ret_fstab, struct gs_str *ret_replaced)
{
	struct making m = { .asked = asked,
			    .mount = ret_mount,
			    .fstab = ret_fstab,
			    .replaced = ret_replaced,
			    .was = gs_nfs_profile_of(asked->line) };

	add_typed(&m);
	keep_line(&m);
	for (enum own i = VERS; i < OWN; i++) {
		gs_autostr struct gs_str text = { 0 };

		if (i == NETDEV)
			tune(&m);
		if (!m.has[i] && make_own(&m, i, &text))
			keep(&m, gs_str_span(&text));
	}
	gs_str_done(&m.typed);
}
