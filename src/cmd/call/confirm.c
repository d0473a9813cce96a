/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/call/confirm.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd/call/words.h"

int gs_confirm(const struct gs_call *call, const char *question, struct gs_err *err)
{
	char answer[8] = "";

	if (gs_words_has(&call->words, GS_OPT_YES) || call->dry_run)
		return 0;
	if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO)) {
		gs_err_set(err, GS_E_USAGE, "%s: no terminal to confirm on", question);
		return gs_err_advise(err, "use --yes to confirm");
	}
	fprintf(stderr, "%s. Continue? [y/N] ", question);
	if (fgets(answer, sizeof answer, stdin) && (answer[0] == 'y' || answer[0] == 'Y'))
		return 0;
	return gs_err_set(err, GS_E_USAGE, "%s: not confirmed", question);
}
