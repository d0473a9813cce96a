/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/call/install.h"

#include "cmd/call/words.h"
#include "engine/run/install.h"
#include "engine/step/outcome.h"

enum { INSTALL_S = 600, INSTALL_MAX_S = 86400 };

int gs_call_install(const struct gs_call *call, bool *ret_no_install, unsigned *ret_timeout_s,
		    struct gs_err *err)
{
	const char *word = gs_words_get(&call->words, GS_OPT_INSTALL_TIMEOUT);
	uint64_t seconds = INSTALL_S;

	if (word && (!gs_span_number(gs_span_of(word), INSTALL_MAX_S, &seconds) || !seconds))
		return gs_err_set(err, GS_E_USAGE,
				  "--install-timeout must be a whole number of seconds from 1 to "
				  "%d",
				  INSTALL_MAX_S);
	*ret_timeout_s = (unsigned)seconds;
	*ret_no_install = gs_words_has(&call->words, GS_OPT_NO_INSTALL);
	return 0;
}

int gs_call_run_install(struct gs_call *call, const struct gs_plan *plan, struct gs_sys *sys,
			struct gs_err *err)
{
	GS_AUTO(gs_done_done) struct gs_done done = { 0 };
	int r = gs_install_run(sys, plan, &done, &call->kept, err);

	if (r == 0)
		gs_tell_progress(sys, GS_PROGRESS_STEP, "looking at what is there now");
	return r;
}
