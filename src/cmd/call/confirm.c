/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/call/confirm.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/command.h"
#include "cmd/call/progress.h"
#include "cmd/call/words.h"

/* The command as it was typed, with the answer. */
static int fix_yes(const struct gs_call *call, struct gs_err *err)
{
	gs_autostr struct gs_str again = { 0 };
	bool said = false;

	gs_command(&again, "sudo", "gshare");
	for (size_t i = 0; i < call->typed.n; i++) {
		bool ends_options = !said && !strcmp(call->typed.v[i], "--");

		gs_command(&again, ends_options ? "--yes" : NULL, call->typed.v[i]);
		said |= ends_options;
	}
	gs_command(&again, said ? NULL : "--yes");
	return gs_err_fix_text(err, &again);
}

int gs_confirm(const struct gs_call *call, const char *question, struct gs_err *err)
{
	char answer[8] = "";

	if (gs_words_has(&call->words, GS_OPT_YES) || call->dry_run)
		return 0;
	if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO)) {
		gs_err_set(err, GS_E_USAGE, "%s: no terminal to confirm on", question);
		return fix_yes(call, err);
	}
	gs_progress_clear(call);
	fprintf(stderr, "%s. Continue? [y/N] ", question);
	if (fgets(answer, sizeof answer, stdin) && (answer[0] == 'y' || answer[0] == 'Y'))
		return 0;
	return gs_err_set(err, GS_E_USAGE, "%s: not confirmed", question);
}
