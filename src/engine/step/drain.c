/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "base/command.h"
#include "core/exports/nfsd_peers.h"
#include "core/plan/drain.h"
#include "core/plan/finding.h"
#include "core/plan/plan.h"
#include "core/step/step.h"
#include "engine/observe/nfsd_clients.h"
#include "engine/step/drain.h"
#include "engine/step/step.h"

/*
 * The drain comes before a follower loses write access: data that it has not synced yet would be
 * lost, so wait until it has no file open for writing. A file can still be opened between the last
 * look and the switch; gs_drain_again() reports that.
 *
 * The follower that loses access decides what there is to read: files by the ten thousand, clients,
 * names that look like states. So each look has a part of the time; one that is not complete is an
 * error that says how to continue, or, with --force, a warning.
 */

enum {
	LOOK_EVERY_MS = 10,
	LOOK_PART = 4,	      /* of the time that is left, for one look */
	RESERVE_MS = 2000,    /* of the command's deadline, for what comes after the drain */
	TELL_AFTER_MS = 1000, /* of waiting without a message */
	BEFORE_S = 1,	      /* estimate for what comes before the drain */
	NAMED_MAX = 4,	      /* files that a message names */
	NAME_BYTES = 80, /* of a name as shown: an error has room for all, and for the rest of it */
	HOST_BYTES = 40,
};

static bool wants(void *arg, const struct gs_nfs_client *client)
{
	return gs_drain_concerns(arg, client);
}

/* A name that a follower chose, cut so that it takes at most max bytes when it is shown. */
static char *cut_to(size_t max, const char *name)
{
	struct gs_span kept = gs_span_of(name);

	for (;;) {
		gs_autostr struct gs_str shown = { 0 };

		gs_str_add_safe(&shown, kept);
		if (shown.len <= max)
			break;
		kept.len = kept.len > max ? max : kept.len * 3 / 4;
	}
	return gs_printf("%.*s%s", (int)kept.len, kept.ptr, name[kept.len] ? "..." : "");
}

/* Adds the files of one client; to their names, the client's host and address. */
static void add_open(const struct gs_nfs_client *client, struct gs_writing *ret)
{
	for (size_t i = 0; i < client->writing.names.n && ret->names.n < GS_WRITING_NAMED; i++) {
		gs_autofree char *name = cut_to(NAME_BYTES, client->writing.names.v[i]);
		gs_autofree char *host = client->host ? cut_to(HOST_BYTES, client->host) : NULL;
		gs_autofree char *label = host ? gs_printf("'%s' on %s (%s)", name, host,
							   client->addr)
					       : gs_printf("'%s' on %s", name, client->addr);

		gs_strs_add(&ret->names, label);
	}
	for (size_t i = 0; i < client->writing.n; i++) {
		gs_grow(&ret->file, ret->n, &ret->room, sizeof *ret->file);
		ret->file[ret->n++] = client->writing.file[i];
	}
	ret->may_be_forged |= client->writing.may_be_forged;
}

/* A connection may be about to get its client, or to end: it is waited for like an open file. */
static int look_hidden(struct gs_sys *sys, const struct gs_drain_hosts *hosts,
		       const struct gs_nfs_clients *clients, struct gs_err *err)
{
	GS_AUTO(gs_strs_done) struct gs_strs peers = { 0 };
	gs_autostr struct gs_str text = { 0 };
	const char *hidden;

	gs_look_peers(sys, &peers);
	hidden = gs_drain_hidden(hosts, clients, &peers);
	if (!hidden)
		return 0;
	gs_nfs_hidden_tell(hidden, &text);
	gs_err_set(err, ETIMEDOUT, "%s", text.ptr);
	return gs_err_cause(err, "CLIENT_HIDDEN");
}

/*
 * @known: files that need no name; NULL: none
 * @ret: every file that the hosts losing write access have open for writing now; on failure, those
 *	seen until then
 */
static int look(struct gs_sys *sys, const struct gs_drain *drain, const struct gs_writing *known,
		struct gs_writing *ret, struct gs_err *err)
{
	GS_AUTO(gs_nfs_clients_done) struct gs_nfs_clients clients = { .known = known };
	GS_AUTO(gs_drain_hosts_done) struct gs_drain_hosts hosts = { 0 };
	const struct gs_clients_req req = { wants, &hosts, LOOK_PART };
	int r;

	gs_drain_hosts_init(&hosts, drain);
	r = gs_look_clients(sys, &req, &clients, err);
	for (size_t i = 0; i < clients.n; i++)
		add_open(&clients.v[i], ret);
	gs_writing_end(ret);
	return r < 0 || ret->n ? r : look_hidden(sys, &hosts, &clients, err);
}

static void name_files(const struct gs_writing *open, size_t n, struct gs_str *out)
{
	size_t named = open->names.n < NAMED_MAX ? open->names.n : NAMED_MAX;

	for (size_t i = 0; i < named; i++) {
		gs_str_adds(out, i ? ", " : "");
		gs_str_add_safe(out, gs_span_of(open->names.v[i]));
	}
	if (n > named)
		gs_str_addf(out, " and %zu more", n - named);
	if (open->may_be_forged)
		gs_str_adds(out, " (some may be forged by a file name)");
}

/* The complete command that continues in spite of open files. */
static void add_again(const struct gs_sys *sys, const struct gs_drain *drain, struct gs_str *out)
{
	bool forced = false;

	if (drain->again) {
		gs_str_adds(out, drain->again);
		return;
	}
	gs_command(out, "sudo", "gshare");
	for (size_t i = 0; sys->who && i < sys->who->command->n; i++) {
		const char *word = sys->who->command->v[i];
		bool ends_options = !forced && !strcmp(word, "--");

		gs_command(out, ends_options ? "--force" : NULL, word);
		forced |= ends_options;
	}
	gs_command(out, forced ? NULL : "--force");
}

/* A command that is too long is left out: cut off, it would do something else. */
static int tell_again(const char *lead, const struct gs_str *again, struct gs_err *err)
{
	if (strlen(lead) + again->len + sizeof ": " > GS_ERR_FIX_BYTES)
		return gs_err_advise(err, "%s: the same with --force", lead);
	return gs_err_advise(err, "%s: %s", lead, again->ptr);
}

static int refuse(const struct gs_sys *sys, const struct gs_drain *drain,
		  const struct gs_done *done, struct gs_err *err)
{
	gs_autostr struct gs_str names = { 0 }, again = { 0 };
	const struct gs_writing *open = &done->open;

	name_files(open, open->n, &names);
	add_again(sys, drain, &again);
	gs_err_set(err, EBUSY, "after %u.%u s%s %s%zu file%s still open for writing: %s",
		   done->drained_ms / 1000, done->drained_ms % 1000 / 100,
		   done->drain_cut ? ", all that the command's deadline leaves," : "",
		   done->open_unknown ? "at least " : "", open->n, open->n > 1 ? "s are" : " is",
		   names.ptr);
	gs_err_cause(err, "FILES_OPEN");
	return tell_again("wait until they are closed, or lose unwritten data", &again, err);
}

/* It is not known whether a file is open. */
static int refuse_unseen(const struct gs_sys *sys, const struct gs_drain *drain, struct gs_err *err)
{
	gs_autostr struct gs_str again = { 0 };

	add_again(sys, drain, &again);
	gs_err_prefix(err, "cannot see which files are open for writing");
	if (!err->id)
		gs_err_cause(err, "CLIENTS_UNREADABLE");
	return tell_again("continue without waiting, and lose unwritten data", &again, err);
}

/* The change that follows the drain, as in "were open for writing WHEN". */
static const char *when(const struct gs_drain *drain)
{
	static const char *const text[] = {
		[GS_LOSS_NONE] = "when the export changed",
		[GS_LOSS_HANDLE] = "when the form of file handles changed",
		[GS_LOSS_IDENTITY] = "when the user that followers are mapped to changed",
		[GS_LOSS_ACCESS] = "when write access ended",
	};

	return text[drain->loss];
}

static void tell(struct gs_done *done, const char *id, const char *what,
		 const struct gs_writing *open, size_t n)
{
	gs_autostr struct gs_str names = { 0 };

	name_files(open, n, &names);
	gs_findings_add(&done->findings, GS_WARN, id, "check these files: unsynced data is lost",
			"%zu file%s %s: %s", n, n > 1 ? "s were" : " was", what, names.ptr);
}

static void tell_unseen(struct gs_done *done, const char *what, const struct gs_err *unseen)
{
	gs_findings_add(&done->findings, GS_WARN, "SWITCH_UNSEEN", NULL, "%s is not known: %s",
			what, unseen->msg);
}

/* The time is over, or a look failed for another reason than a timeout. */
static int judge(struct gs_sys *sys, const struct gs_drain *drain, struct gs_done *done,
		 const struct gs_err *unseen, struct gs_err *err)
{
	gs_autofree char *open = NULL, *what = NULL;

	if (!drain->force && done->open.n)
		return refuse(sys, drain, done, err);
	if (!drain->force) {
		*err = *unseen;
		return refuse_unseen(sys, drain, err);
	}
	open = gs_printf("open for writing %s", when(drain));
	what = gs_printf("what was %s", open);
	if (done->open_unknown)
		tell_unseen(done, what, unseen);
	if (done->open.n)
		tell(done, "SWITCH_FORCED", open, &done->open, done->open.n);
	return 0;
}

/* Tells the user once what the command waits for: over a second of silence looks like a hang. */
static void tell_wait(const struct gs_sys *sys, const struct gs_done *done, int64_t left_ns)
{
	gs_autostr struct gs_str line = { 0 };
	const struct gs_writing *open = &done->open;

	if (!sys->who || !sys->who->tell)
		return;
	gs_str_addf(&line, "waiting up to %u s more ",
		    (unsigned)((left_ns + 999999999) / 1000000000));
	if (open->n) {
		gs_str_addf(&line, "for %s%zu file%s open for writing: ",
			    done->open_unknown ? "at least " : "", open->n, open->n > 1 ? "s" : "");
		name_files(open, open->n, &line);
	} else {
		gs_str_adds(&line, "to see which files are open for writing");
	}
	sys->who->tell(sys->who->tell_arg, line.ptr);
}

/* On a terminal the seconds count down. */
static void tick(const struct gs_sys *sys, const struct gs_done *done, int64_t left_ns)
{
	unsigned seconds = (unsigned)((left_ns + 999999999) / 1000000000);
	gs_autofree char *line =
		done->open.n
			? gs_printf("waiting %u s more for %zu file%s open for writing", seconds,
				    done->open.n, done->open.n == 1 ? "" : "s")
			: gs_printf("waiting %u s more to see which files are open for writing",
				    seconds);

	gs_tell_progress(sys, GS_PROGRESS_TICK, line);
}

unsigned gs_drain_least_s(unsigned drain_s)
{
	unsigned used = BEFORE_S + drain_s + RESERVE_MS / 1000;

	return (used * GS_ASIDE_PART + GS_ASIDE_PART - 2) / (GS_ASIDE_PART - 1);
}

int gs_drain(struct gs_sys *sys, const struct gs_drain *drain, struct gs_done *done,
	     struct gs_err *err)
{
	int64_t begin = sys->ops->clock->now_ns(sys),
		end = begin + drain->seconds * INT64_C(1000000000);
	int64_t last = sys->deadline_ns - RESERVE_MS * INT64_C(1000000), left_ns;
	unsigned told = 0; /* the time of the last message */

	for (;;) {
		struct gs_err unseen = { 0 };
		int r;

		gs_writing_done(&done->open);
		r = look(sys, drain, NULL, &done->open, &unseen);
		done->open_unknown = r < 0;
		done->drained_ms = (unsigned)((sys->ops->clock->now_ns(sys) - begin) / 1000000);
		if (r == 0 && !done->open.n)
			return 0;
		done->drain_cut = last < end && sys->ops->clock->now_ns(sys) >= last;
		if ((r < 0 && r != -ETIMEDOUT) || done->drain_cut ||
		    sys->ops->clock->now_ns(sys) >= end)
			return judge(sys, drain, done, &unseen, err);
		left_ns = (end < last ? end : last) - sys->ops->clock->now_ns(sys);
		if (!told && done->drained_ms >= TELL_AFTER_MS) {
			tell_wait(sys, done, left_ns);
			told = done->drained_ms;
		} else if (told && done->drained_ms - told >= TELL_AFTER_MS) {
			tick(sys, done, left_ns);
			told = done->drained_ms;
		}
		if (sys->ops->clock->interrupted(sys))
			return gs_err_set(err, EINTR, "interrupted while it waited for open files");
		sys->ops->clock->pause(sys, LOOK_EVERY_MS);
	}
}

void gs_drain_again(struct gs_sys *sys, const struct gs_drain *drain, struct gs_done *done)
{
	GS_AUTO(gs_writing_done) struct gs_writing open = { 0 };
	struct gs_err unseen = { 0 };
	size_t raced;

	if (look(sys, drain, &done->open, &open, &unseen) < 0) {
		tell_unseen(done, "what was opened for writing just before the change", &unseen);
		return;
	}
	/* After an incomplete look it is not known which files are new. */
	raced = done->open_unknown ? 0 : gs_writing_new(&open, &done->open);
	if (raced)
		tell(done, "SWITCH_RACED",
		     "opened for writing between the last look and the change", &open, raced);
}

static int run_drain(struct gs_step_run *run, const struct gs_step *step, struct gs_err *err)
{
	return gs_drain(run->sys, &step->drain, run->done, err);
}

const struct gs_step_ops gs_step_drain = {
	.run = run_drain,
	.back = gs_step_nothing,
};
