/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/observe/mount_use.h"

#include <errno.h>
#include <string.h>

#include "engine/observe/server.h"

/* A server that refuses the call, or another service on its port, does respond. */
static bool is_an_answer(const struct gs_err *err)
{
	static const char *const ids[] = { "RPC_GARBAGE",	"RPC_DENIED", "RPC_PROG_UNAVAIL",
					   "RPC_VERS_MISMATCH", "NFS_ABSENT", "NFS4_ABSENT" };

	for (size_t i = 0; err->id && i < GS_COUNT(ids); i++)
		if (!strcmp(err->id, ids[i]))
			return true;
	return false;
}

static void is_silent_by(const struct gs_err *silent, struct gs_mount_use *use)
{
	use->is_silent = true;
	use->silence = gs_strdup(silent->msg);
	use->silence_id = gs_err_name(silent);
}

/*
 * A server that answers NULL may still not answer its mount, if its mountd is dead for example. A
 * plain umount sends the server a request, too, and would wait for the answer.
 */
static void ask_mount(struct gs_sys *sys, const struct gs_mounted *mounted,
		      struct gs_mount_use *use, unsigned rtt_us)
{
	int64_t end_ns = sys->deadline_ns, now = sys->ops->clock->now_ns(sys);
	struct gs_err said = { 0 }, why = { 0 };

	sys->deadline_ns = now + (end_ns - now) / 4;
	if (sys->ops->mount->ask(sys, mounted->target, &said) == -ETIMEDOUT) {
		sys->deadline_ns += (end_ns - now) / 4;
		(void)gs_ask_anew(sys, mounted, rtt_us, &why);
		is_silent_by(why.code ? &why : &said, use);
	}
	sys->deadline_ns = end_ns;
}

static void ask_server(struct gs_sys *sys, const struct gs_mounted *mounted,
		       struct gs_mount_use *use)
{
	struct gs_err silent = { 0 };
	unsigned rtt_us = 0;

	switch (gs_reach_server(sys, mounted, &rtt_us, &silent)) {
	case GS_ANSWER_UNTRIED:
		return;
	case GS_ANSWER_YES:
		ask_mount(sys, mounted, use, rtt_us);
		return;
	case GS_ANSWER_NO:
		if (!is_an_answer(&silent))
			is_silent_by(&silent, use);
		return;
	}
}

/* The users are evidence alone: where they cannot be found, the kernel's -EBUSY still decides. */
void gs_find_mount_users(struct gs_sys *sys, const struct gs_mounted *mounted,
			 struct gs_mount_users *ret)
{
	struct gs_err unseen = { 0 };

	if (sys->ops->mount->users(sys, mounted, ret, &unseen) < 0)
		ret->cut = true;
}

void gs_look_use(struct gs_sys *sys, const struct gs_mounted *mounted, bool ask,
		 struct gs_mount_use *ret)
{
	if (!gs_span_has_prefix(gs_span_of(mounted->type), "nfs"))
		return;
	if (ask)
		ask_server(sys, mounted, ret);
	if (!ret->is_silent)
		gs_find_mount_users(sys, mounted, &ret->users);
}
