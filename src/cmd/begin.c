/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>

#include "cmd/cmd.h"
#include "core/report.h"
#include "engine/journal.h"

/* Who is at the keyboard: sudo and doas say it in the environment; root itself else. */
static const char *caller(void)
{
	static const char *const names[] = { "SUDO_USER", "DOAS_USER" };

	for (size_t i = 0; i < GS_COUNT(names); i++) {
		const char *name = getenv(names[i]);

		if (name && name[0])
			return name;
	}
	return "root";
}

static void tell(const struct gs_call *call)
{
	gs_autostr struct gs_str text = { 0 };

	gs_report_findings(&call->recovered, call->quiet ? GS_WARN : GS_NOTE, &text);
	if (!call->json && text.len)
		fwrite(text.ptr, 1, text.len, stderr);
}

int gs_call_begin(struct gs_call *call, bool changes, struct gs_sys *sys, struct gs_err *err)
{
	const char *root = gs_words_get(&call->words, GS_OPT_ROOT);
	int r = gs_sys_init(sys, root ? root : "/", call->timeout_ms, err);

	if (r < 0)
		return r;
	call->who = (struct gs_who){ .by = caller(), .command = &call->typed };
	sys->who = &call->who;
	r = gs_recover(sys, changes, &call->recovered, err);
	tell(call);
	return r;
}
