/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/fskind/nfs.h"

#include <string.h>

#include "core/format/fstab.h"
#include "core/fskind/nfs_options.h"

static const struct {
	const char *name, *opposite;
	bool live; /* a flag of the mount: a remount changes it */
} flags[] = {
	{ "ro", "rw", true },	    { "nosuid", "suid", true }, { "nodev", "dev", true },
	{ "noexec", "exec", true }, { "soft", "hard", false },
};
/* Options of the super block, which all mounts of an export share: fs/nfs/super.c
 * nfs_reconfigure(). */
static const char *const values[] = { "vers", "proto", "sec", "xprtsec" };

/* NFS_MAX_FILE_IO_SIZE: without rsize= and wsize= the client requests it, and the server's limit
 * counts, which nfsd derives from its memory: fs/nfsd/nfssvc.c nfsd_get_default_max_blksize().
 */
enum { IO_MAX_BYTES = 1 << 20, CONNECTIONS_MAX = 16 };

static void add_difference(struct gs_str *out, const char *what, const char *is, const char *shall)
{
	gs_str_addf(out, "%s%s%s (expected %s)", out->len ? "; " : "", what, is, shall);
}

static void differing_flags(const char *mounted, const char *specified, struct gs_str *live,
			    struct gs_str *fixed)
{
	for (size_t i = 0; i < GS_COUNT(flags); i++) {
		bool has = gs_mountopt_has(mounted, flags[i].name);

		if (has != gs_mountopt_has(specified, flags[i].name))
			add_difference(flags[i].live ? live : fixed, "",
				       has ? flags[i].name : flags[i].opposite,
				       has ? flags[i].opposite : flags[i].name);
	}
}

/* "tcp" and "tcp6" are one protocol: the address in the source tells the family. */
static struct gs_span without_family(const char *name, struct gs_span value)
{
	if (!strcmp(name, "proto") && value.len && value.ptr[value.len - 1] == '6')
		value.len--;
	return value;
}

/* The kernel shows no port= where it is the usual one: fs/nfs/super.c nfs_show_mount_options(). */
static void differing_port(const char *mounted, const char *specified, struct gs_str *fixed)
{
	gs_autofree char *is = gs_printf("%u", gs_mountopt_port(mounted));
	gs_autofree char *shall = gs_printf("%u", gs_mountopt_port(specified));

	if (strcmp(is, shall) != 0)
		add_difference(fixed, "port ", is, shall);
}

static void differing_values(const char *mounted, const char *specified, struct gs_str *fixed)
{
	for (size_t i = 0; i < GS_COUNT(values); i++) {
		struct gs_span is = { 0 }, shall = { 0 };

		if (!gs_mountopt_get(mounted, values[i], &is) ||
		    !gs_mountopt_get(specified, values[i], &shall) ||
		    gs_span_is(without_family(values[i], is), without_family(values[i], shall)))
			continue;
		gs_autofree char *has = gs_span_dup(is);
		gs_autofree char *wants = gs_span_dup(shall);
		gs_autofree char *what = gs_printf("%s ", values[i]);

		add_difference(fixed, what, has, wants);
	}
}

bool gs_mount_differs(const char *mounted, const char *specified, struct gs_mount_diff *ret)
{
	differing_flags(mounted, specified, &ret->live, &ret->fixed);
	differing_port(mounted, specified, &ret->fixed);
	differing_values(mounted, specified, &ret->fixed);
	gs_nfs_options_differ(mounted, specified, &ret->tuned);
	return ret->live.len + ret->fixed.len + ret->tuned.len;
}

void gs_mount_diff_add(const struct gs_mount_diff *diff, struct gs_str *out)
{
	const struct gs_str *const all[] = { &diff->live, &diff->fixed, &diff->tuned };
	bool is_first = true;

	for (size_t i = 0; i < GS_COUNT(all); i++) {
		if (!all[i]->len)
			continue;
		gs_str_adds(out, is_first ? "" : "; ");
		gs_str_add(out, gs_str_span(all[i]));
		is_first = false;
	}
}

void gs_mount_diff_done(struct gs_mount_diff *diff)
{
	gs_str_done(&diff->live);
	gs_str_done(&diff->fixed);
	gs_str_done(&diff->tuned);
}

void gs_mountpoint_flags(const char *options, struct gs_str *out)
{
	gs_str_adds(out, gs_mountopt_has(options, "ro") ? "ro" : "rw");
	for (size_t i = 1; i < GS_COUNT(flags); i++)
		if (flags[i].live && gs_mountopt_has(options, flags[i].name))
			gs_str_addf(out, ",%s", flags[i].name);
}

static unsigned number_of(const char *options, const char *name, uint64_t max)
{
	struct gs_span value = { 0 };
	uint64_t number = 0;

	if (!options || !gs_mountopt_get(options, name, &value) ||
	    !gs_span_number(value, max, &number))
		return 0;
	return (unsigned)number;
}

void gs_mountpoint_transfer(const char *mounted, const char *asked, struct gs_transfer *ret)
{
	unsigned rsize = number_of(asked, "rsize", IO_MAX_BYTES);
	unsigned wsize = number_of(asked, "wsize", IO_MAX_BYTES);

	*ret = (struct gs_transfer){
		.rsize = number_of(mounted, "rsize", UINT32_MAX),
		.wsize = number_of(mounted, "wsize", UINT32_MAX),
		.asked_rsize = rsize ? rsize : IO_MAX_BYTES,
		.asked_wsize = wsize ? wsize : IO_MAX_BYTES,
		.asked_connections = number_of(asked, "nconnect", CONNECTIONS_MAX),
	};
}

bool gs_mountpoint_is_capped(const struct gs_transfer *t)
{
	return (t->rsize && t->rsize < t->asked_rsize) || (t->wsize && t->wsize < t->asked_wsize);
}

void gs_size_add(unsigned bytes, struct gs_str *out)
{
	bool whole = bytes % (1 << 20) == 0;

	gs_str_addf(out, "%u %s", whole ? bytes >> 20 : bytes >> 10, whole ? "MiB" : "KiB");
}
