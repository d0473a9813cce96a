/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/fskind/nfs_options.h"

#include <string.h>

#include "base/near.h"
#include "base/types.h"
#include "core/format/fstab.h"

enum {
	NAME_BYTES = 32,       /* a longer word is none of the table */
	IO_BYTES = 1 << 20,    /* NFS_MAX_FILE_IO_SIZE */
	DAY_S = 86400,	       /* more than a day of old names helps nobody */
	TIMEO_MAX = 6000,      /* NFS_MAX_TCP_TIMEOUT, 600 s */
	CONNECTIONS_MAX = 16,  /* NFS_MAX_CONNECTIONS */
	RETRANS_MAX = 1000,    /* an hour and more of timeouts before the first message */
	RETRY_MAX_MIN = 10000, /* a week: the value of bg mounts, nfs(5) */
};

/* What follows in a row is its meaning. */
#define FLAG	  .takes = GS_NFS_FLAG, .choices = NULL
#define NUM(a, b) .takes = GS_NFS_NUMBER, .min = (a), .max = (b), .choices = NULL
#define WORDS(c)  .takes = GS_NFS_CHOICE, .choices = (c)
#define TEXT	  .takes = GS_NFS_TEXT, .choices = NULL

#define BY_GSHARE "gshare chooses it itself"
#define OF_V3	  "it belongs to NFS 3, and the mount is NFS 4"
#define NO_ATIME  "the leader keeps the times of access, and the option has no effect: nfs(5)"

const struct gs_nfs_option gs_nfs_options[] = {
	{ "ac", FLAG, "names, sizes and times are cached, for the times below", .family = "ac",
	  .shown = GS_NFS_UNSEEN },
	{ "acdirmax", NUM(0, DAY_S), "longest time in seconds that a directory is cached",
	  GS_NFS_VALUE, "60" },
	{ "acdirmin", NUM(0, DAY_S), "shortest time in seconds that a directory is cached",
	  GS_NFS_VALUE, "30" },
	{ "acregmax", NUM(0, DAY_S),
	  "longest time in seconds that a file's size and times are cached", GS_NFS_VALUE, "60" },
	{ "acregmin", NUM(0, DAY_S),
	  "shortest time in seconds that a file's size and times are cached", GS_NFS_VALUE, "3" },
	{ "actimeo", NUM(0, DAY_S), "sets those four times to one value" },
	{ "async", FLAG, "writes wait in this node's memory until a file is closed or synced",
	  .family = "sync" },
	{ "cto", FLAG, "a file that is opened shows what others wrote before they closed it",
	  .family = "cto" },
	{ "exec", FLAG, "programs in the share can be run", .family = "exec", .live = true },
	{ "fsc", FLAG, "files are cached on this node's disk, by cachefilesd", .family = "fsc" },
	{ "hard", FLAG, "requests are repeated until the leader responds: always so",
	  .family = "hard" },
	{ "lookupcache", WORDS("all,none,pos,positive"),
	  "which names are cached: all, none, or only those that exist", GS_NFS_VALUE, "all" },
	{ "max_connect", NUM(1, CONNECTIONS_MAX),
	  "how many addresses of one leader are used at once" },
	{ "nconnect", NUM(1, CONNECTIONS_MAX),
	  "TCP connections to the leader; the first mount of a leader sets it for all" },
	{ "noac", FLAG, "nothing is cached, and every write is sent at once: slow", GS_NFS_WORD,
	  .family = "ac" },
	{ "nocto", FLAG, "opening a file does not ask whether it has changed: for data that stays",
	  GS_NFS_WORD, .family = "cto" },
	{ "nodev", FLAG, "device nodes in the share have no effect: always so", .family = "dev" },
	{ "noexec", FLAG, "no program in the share can be run", .family = "exec", .live = true },
	{ "nofsc", FLAG, "nothing is cached on this node's disk", .family = "fsc" },
	{ "nomigration", FLAG, "this node has one identity for each leader",
	  .family = "migration" },
	{ "nordirplus", FLAG, "a list of names is read without sizes and times", GS_NFS_WORD,
	  .family = "rdirplus" },
	{ "noresvport", FLAG, "connections come from any port, which an export with secure denies",
	  GS_NFS_WORD, .family = "resvport" },
	{ "nosuid", FLAG, "setuid programs in the share have no effect: always so",
	  .family = "suid" },
	{ "notrunkdiscovery", FLAG, "the leader is not asked for further addresses",
	  .family = "trunkdiscovery" },
	{ "rdirplus", FLAG, "a list of names is read with sizes and times where that helps",
	  .family = "rdirplus" },
	{ "resvport", FLAG, "connections come from a port below 1024", .family = "resvport" },
	{ "retrans", NUM(0, RETRANS_MAX),
	  "repetitions before the kernel logs that the leader is not responding", GS_NFS_VALUE,
	  NULL },
	{ "retry", NUM(0, RETRY_MAX_MIN), "minutes for which mount(8) tries again at boot" },
	{ "rsize", NUM(1024, IO_BYTES),
	  "bytes of a read request at most; the leader may lower it" },
	{ "sharecache", FLAG, "two mounts of one export share their cache",
	  .family = "sharecache" },
	{ "sync", FLAG, "every write is sent at once: slow", GS_NFS_WORD, .family = "sync" },
	{ "timeo", NUM(1, TIMEO_MAX), "tenths of a second until a request is repeated",
	  GS_NFS_VALUE, NULL },
	{ "write", WORDS("lazy,eager,wait"), "when written data is sent: see nfs(5)", GS_NFS_VALUE,
	  "lazy" },
	{ "wsize", NUM(1024, IO_BYTES),
	  "bytes of a write request at most; the leader may lower it" },

	/* refused */
	{ "acl", FLAG, .why = OF_V3 },
	{ "atime", FLAG, .why = NO_ATIME },
	{ "auto", FLAG, .why = "gshare mounts at boot unless --no-persist is given" },
	{ "bg", FLAG,
	  .why = "the boot would go on without the share, and containers start on an empty "
		 "directory" },
	{ "clientaddr", TEXT, .why = "NFS 4.1 and later need no address to be called back on" },
	{ "dev", FLAG, .why = "device nodes of the share would give their devices on this node" },
	{ "diratime", FLAG, .why = NO_ATIME },
	{ "fg", FLAG, .why = BY_GSHARE },
	{ "intr", FLAG, .why = "no kernel since 2.6.25 looks at it: SIGKILL always interrupts" },
	{ "lazytime", FLAG, .why = NO_ATIME },
	{ "local_lock", TEXT, .why = OF_V3 },
	{ "lock", FLAG, .why = OF_V3 },
	{ "migration", FLAG,
	  .why = "the leader could send this node to servers that nobody has named here" },
	{ "minorversion", TEXT, .why = BY_GSHARE ": NFS 4.2, else 4.1" },
	{ "mounthost", TEXT, .why = OF_V3 },
	{ "mountport", TEXT, .why = OF_V3 },
	{ "mountproto", TEXT, .why = OF_V3 },
	{ "mountvers", TEXT, .why = OF_V3 },
	{ "namlen", TEXT, .why = OF_V3 },
	{ "nfsvers", TEXT, .why = BY_GSHARE ": NFS 4.2, else 4.1" },
	{ "noacl", FLAG, .why = OF_V3 },
	{ "noatime", FLAG, .why = NO_ATIME },
	{ "noauto", FLAG, .why = "gshare mounts at boot", .instead = "--no-persist" },
	{ "nodiratime", FLAG, .why = NO_ATIME },
	{ "nointr", FLAG, .why = "no kernel since 2.6.25 looks at it" },
	{ "nolock", FLAG,
	  .why = "NFS 4 always locks on the leader: two followers would both get a lock" },
	{ "norelatime", FLAG, .why = NO_ATIME },
	{ "nosharecache", FLAG,
	  .why = "two mounts of one export would show different contents of a file" },
	{ "port", TEXT, .why = "it has an option of its own", .instead = "--port" },
	{ "proto", TEXT, .why = BY_GSHARE ": TCP, of the kind of the leader's address" },
	{ "rdma", FLAG, .why = BY_GSHARE ": TCP" },
	{ "relatime", FLAG, .why = NO_ATIME },
	{ "remount", FLAG, .why = "it is no option of a mount that is kept",
	  .instead = "gshare follower remount" },
	{ "ro", FLAG, .why = "it has an option of its own", .instead = "--ro" },
	{ "rw", FLAG, .why = "it is so without --ro", .instead = "gshare follower remount --rw" },
	{ "sec", TEXT,
	  .why = "gshare sets up AUTH_SYS only; a sec= in the entry of fstab is kept" },
	{ "sloppy", FLAG, .why = "it hides options that are misspelled" },
	{ "soft", FLAG,
	  .why = "writes are lost without a word when the leader does not respond in time" },
	{ "softerr", FLAG,
	  .why = "writes are lost without a word when the leader does not respond in time" },
	{ "softreval", FLAG,
	  .why = "names and sizes of long ago would be shown while the leader does not respond" },
	{ "strictatime", FLAG, .why = NO_ATIME },
	{ "suid", FLAG,
	  .why = "setuid programs of the share would run with their owner's rights here" },
	{ "tcp", FLAG, .why = BY_GSHARE },
	{ "trunkdiscovery", FLAG,
	  .why = "the leader could send this node to addresses that nobody has named here" },
	{ "udp", FLAG, .why = "NFS 4 needs TCP" },
	{ "vers", TEXT, .why = BY_GSHARE ": NFS 4.2, else 4.1" },
	{ "xprtsec", TEXT, .why = "gshare sets up no TLS, which needs tlshd on both nodes" },
	{ 0 },
};

static struct gs_span name_of(struct gs_span option, struct gs_span *ret_value, bool *ret_has)
{
	struct gs_span name = { 0 };

	*ret_has = memchr(option.ptr, '=', option.len) != NULL;
	*ret_value = option;
	gs_span_cut(ret_value, '=', &name);
	return name;
}

const struct gs_nfs_option *gs_nfs_option_find(struct gs_span option)
{
	struct gs_span value, name;
	bool has = false;

	name = name_of(option, &value, &has);
	for (const struct gs_nfs_option *row = gs_nfs_options; row->name; row++)
		if (gs_span_is_text(name, row->name))
			return row;
	return NULL;
}

/* ---- is a list right ------------------------------------------------------------------------ */

static int tell_unknown(struct gs_span name, const char *safe, struct gs_err *err)
{
	gs_autofree char *word = gs_span_dup(name);
	unsigned best = gs_near_limit(name.len);
	const char *near = NULL;

	for (const struct gs_nfs_option *row = gs_nfs_options; row->name && best; row++) {
		unsigned d = row->why ? UINT32_MAX : gs_near_edits(word, row->name);

		/* "ct" is no way to turn "cto" into its opposite: one letter has to be right. */
		if (d >= best || word[0] != row->name[0])
			continue;
		best = d;
		near = row->name;
	}
	gs_err_set(err, GS_E_USAGE, "--options: '%s' is no option of an NFS mount", safe);
	if (near)
		return gs_err_advise(err, "did you mean '%s'?", near);
	return gs_err_advise(err, "man gshare lists them, under MOUNT OPTIONS");
}

static bool is_choice(const char *choices, struct gs_span value)
{
	struct gs_span rest = gs_span_of(choices), choice;

	while (gs_span_cut(&rest, ',', &choice))
		if (gs_span_is(choice, value))
			return true;
	return false;
}

static int check_value(const struct gs_nfs_option *row, struct gs_span value, bool has,
		       const char *safe, struct gs_err *err)
{
	uint64_t number = 0;

	if (row->takes == GS_NFS_FLAG && has)
		return gs_err_set(err, GS_E_USAGE, "--options: '%s' takes no value: '%s'",
				  row->name, safe);
	if (row->takes == GS_NFS_NUMBER &&
	    (!gs_span_number(value, row->max, &number) || number < row->min))
		return gs_err_set(err, GS_E_USAGE,
				  "--options: '%s' needs a number from %u to %u, not '%s'",
				  row->name, row->min, row->max, safe);
	if (row->takes == GS_NFS_CHOICE && !is_choice(row->choices, value))
		return gs_err_set(err, GS_E_USAGE, "--options: '%s' needs one of %s, not '%s'",
				  row->name, row->choices, safe);
	return 0;
}

static int check_one(struct gs_span option, struct gs_err *err)
{
	const struct gs_nfs_option *row = gs_nfs_option_find(option);
	gs_autostr struct gs_str safe = { 0 };
	struct gs_span value, name;
	bool has = false;

	name = name_of(option, &value, &has);
	gs_str_add_safe(&safe, option);
	if (!row && gs_mountopt_is_for_fstab(option)) {
		gs_err_set(err, GS_E_USAGE, "--options: '%s' is for /etc/fstab, not for the mount",
			   safe.ptr);
		return gs_err_advise(err, "add it to gshare's line there: it is kept");
	}
	if (!row)
		return tell_unknown(name, safe.ptr, err);
	if (!row->why)
		return check_value(row, value, has, safe.ptr, err);
	gs_err_set(err, GS_E_USAGE, "--options: '%s' is refused: %s", safe.ptr, row->why);
	return row->instead ? gs_err_advise(err, "use %s", row->instead)
			    : gs_err_advise(err, "leave it out");
}

int gs_nfs_options_check(const char *list, struct gs_err *err)
{
	struct gs_span rest = gs_span_of(list), option;

	if (!list[0])
		return gs_err_set(err, GS_E_USAGE,
				  "--options needs a list such as nconnect=4,nocto");
	while (gs_span_cut(&rest, ',', &option)) {
		if (!option.len)
			return gs_err_set(err, GS_E_USAGE,
					  "--options: an option is empty: two commas, or one at an "
					  "end");
		if (check_one(option, err) < 0)
			return err->code;
	}
	return 0;
}

/* ---- which takes whose place ---------------------------------------------------------------- */

static bool is_cache_time(const struct gs_nfs_option *row)
{
	return !strncmp(row->name, "acreg", 5) || !strncmp(row->name, "acdir", 5);
}

bool gs_nfs_option_replaces(struct gs_span option, struct gs_span other)
{
	const struct gs_nfs_option *a = gs_nfs_option_find(option), *b = gs_nfs_option_find(other);

	if (!a || !b)
		return false;
	return a == b || (a->family && b->family && !strcmp(a->family, b->family)) ||
	       (!strcmp(a->name, "actimeo") && is_cache_time(b));
}

bool gs_nfs_options_replace(const char *list, struct gs_span other)
{
	struct gs_span rest = gs_span_of(list), option;

	while (gs_mountopt_next(&rest, &option))
		if (gs_nfs_option_replaces(option, other))
			return true;
	return false;
}

/* ---- configured and active ------------------------------------------------------------------ */

/* "positive" is "pos" to the kernel, which shows that. */
static struct gs_span spelled(struct gs_span value)
{
	return gs_span_is_text(value, "positive") ? gs_span_of("pos") : value;
}

/* The value that a list gives an option: the last one counts, actimeo and noac set all times. */
static struct gs_span value_in(const char *options, const struct gs_nfs_option *row)
{
	struct gs_span rest = gs_span_of(options), option, value;
	struct gs_span last = gs_span_of(row->usual ? row->usual : "");
	bool has = false;

	while (gs_mountopt_next(&rest, &option)) {
		struct gs_span name = name_of(option, &value, &has);

		if (gs_span_is_text(name, row->name) ||
		    (gs_span_is_text(name, "actimeo") && is_cache_time(row)))
			last = spelled(value);
		else if (gs_span_is_text(name, "noac") && is_cache_time(row))
			last = gs_span_of("0");
	}
	return last;
}

/* Is the flag on: of its family the last word counts; noac writes as sync does. */
static bool is_on(const char *options, const struct gs_nfs_option *row)
{
	struct gs_span rest = gs_span_of(options), option;
	bool on = false;

	while (gs_mountopt_next(&rest, &option)) {
		const struct gs_nfs_option *at = gs_nfs_option_find(option);

		if (at && at->family && !strcmp(at->family, row->family))
			on = at == row;
		else if (at && !strcmp(at->name, "noac") && !strcmp(row->name, "sync"))
			on = true;
	}
	return on;
}

static const char *opposite_of(const struct gs_nfs_option *row)
{
	for (const struct gs_nfs_option *at = gs_nfs_options; at->name; at++)
		if (at != row && at->family && !strcmp(at->family, row->family))
			return at->name;
	return "";
}

static void differ_flag(const struct gs_nfs_option *row, const char *mounted, const char *specified,
			struct gs_str *out)
{
	bool is = is_on(mounted, row);

	if (is != is_on(specified, row))
		gs_str_addf(out, "%s%s (expected %s)", out->len ? "; " : "",
			    is ? row->name : opposite_of(row), is ? opposite_of(row) : row->name);
}

static void differ_value(const struct gs_nfs_option *row, const char *mounted,
			 const char *specified, struct gs_str *out)
{
	struct gs_span is = value_in(mounted, row), shall = value_in(specified, row);

	if (!is.len || !shall.len || gs_span_is(is, shall))
		return;
	gs_str_addf(out, "%s%s ", out->len ? "; " : "", row->name);
	gs_str_add_safe(out, is);
	gs_str_adds(out, " (expected ");
	gs_str_add_safe(out, shall);
	gs_str_addc(out, ')');
}

void gs_nfs_options_differ(const char *mounted, const char *specified, struct gs_str *out)
{
	for (const struct gs_nfs_option *row = gs_nfs_options; row->name; row++) {
		if (row->shown == GS_NFS_WORD)
			differ_flag(row, mounted, specified, out);
		else if (row->shown == GS_NFS_VALUE)
			differ_value(row, mounted, specified, out);
	}
}

void gs_nfs_options_tuned(const char *options, struct gs_str *out)
{
	static const char *const always[] = { "hard", "nosuid", "nodev", "timeo=" GS_NFS_TIMEO,
					      "retrans=" GS_NFS_RETRANS };
	struct gs_span rest = gs_span_of(options), option;

	while (gs_mountopt_next(&rest, &option)) {
		const struct gs_nfs_option *row = gs_nfs_option_find(option);
		bool is_always = !row || row->why || row->max == IO_BYTES;

		for (size_t i = 0; i < GS_COUNT(always); i++)
			is_always |= gs_span_is_text(option, always[i]);
		if (is_always)
			continue;
		gs_str_adds(out, out->len ? "," : "");
		gs_str_add(out, option);
	}
}
