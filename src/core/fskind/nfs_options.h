/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

/*
 * The options of an NFS 4 mount, as rows: what each takes and means, and why gshare refuses it.
 * Sources: nfs(5) of nfs-utils 2.6, mount(8); fs/nfs/fs_context.c nfs_fs_context_parse_param(),
 * fs/nfs/super.c nfs_show_mount_options(). Pure.
 */

enum gs_nfs_value { GS_NFS_FLAG, GS_NFS_NUMBER, GS_NFS_CHOICE, GS_NFS_TEXT };

/** enum gs_nfs_shown - how the kernel shows an active option in the mount table */
enum gs_nfs_shown {
	GS_NFS_UNSEEN, /* not, or not as it was asked for: the leader may lower it */
	GS_NFS_WORD,   /* as it is, where it is active */
	GS_NFS_VALUE,  /* with its value, unless that is the usual one */
};

/**
 * struct gs_nfs_option - one option
 * @takes:   a value, and which
 * @min, @max: of a number
 * @choices: of words, separated by commas
 * @means:   one clause, as in the man page
 * @usual:   the kernel's value without the option; NULL: none
 * @family:  options that replace each other; NULL: only itself
 * @live:    a remount can change it. Measured on 6.1: NFS refuses all others (super.c
 *           nfs_compare_remount_data()) or accepts them without effect, as nconnect
 * @why:     why gshare refuses it; NULL: it does not
 * @instead: what to do instead; NULL: nothing is needed
 */
struct gs_nfs_option {
	const char *name;
	enum gs_nfs_value takes;
	uint32_t min, max;
	const char *choices;
	const char *means;
	enum gs_nfs_shown shown;
	const char *usual, *family;
	bool live;
	const char *why, *instead;
};

/** The table; it ends with a row without a name. */
extern const struct gs_nfs_option gs_nfs_options[];

/** gs_nfs_option_find - the row of "nconnect=4" or "nocto"; NULL: no option of NFS */
const struct gs_nfs_option *gs_nfs_option_find(struct gs_span option);

/**
 * gs_nfs_options_check - is every option of a comma list known, complete and none that is refused?
 * Errors: GS_E_USAGE, with what may be meant, or what to do instead.
 */
int gs_nfs_options_check(const char *list, struct gs_err *err);

/**
 * gs_nfs_option_replaces - does the option take the place of the other one in a list?
 * One of its own family does, and actimeo of the four times that it sets.
 */
bool gs_nfs_option_replaces(struct gs_span option, struct gs_span other);

/** gs_nfs_options_replace - does any option of the list? */
bool gs_nfs_options_replace(const char *list, struct gs_span other);

/**
 * gs_nfs_options_differ - how a mount's speed options differ from what is specified, both ways:
 * "cto (expected nocto); timeo 600 (expected 300)". Without those that nfs.h compares.
 * @mounted: as the kernel shows them; @specified: for mount.nfs or fstab
 */
void gs_nfs_options_differ(const char *mounted, const char *specified, struct gs_str *out);

/* gshare's own values, the kernel's defaults for TCP: nfs(5). */
#define GS_NFS_TIMEO   "600"
#define GS_NFS_RETRANS "2"

/**
 * gs_nfs_options_tuned - the options of a list that somebody may have chosen: "nconnect=4,nocto"
 * Without those that every mount of gshare has, and the sizes of requests, which have a line of
 * their own in status.
 */
void gs_nfs_options_tuned(const char *options, struct gs_str *out);
