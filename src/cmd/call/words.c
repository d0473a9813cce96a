/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/call/words.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/command.h"
#include "core/exports/word.h"

bool gs_words_has(const struct gs_words *words, enum gs_opt opt)
{
	return words->opt[opt].n > 0;
}

const char *gs_words_get(const struct gs_words *words, enum gs_opt opt)
{
	const struct gs_strs *list = &words->opt[opt];

	return list->n ? list->v[list->n - 1] : NULL;
}

/* Is it that word, or an option with it: "--path=files"? */
static bool ends_in(const char *typed, const char *word)
{
	const char *equals = strchr(typed, '=');

	return !strcmp(typed, word) || (typed[0] == '-' && equals && !strcmp(equals + 1, word));
}

int gs_words_absolute(const struct gs_call *call, const char *what, const char *word,
		      struct gs_err *err)
{
	gs_autofree char *here = NULL, *joined = NULL, *path = NULL;
	gs_autostr struct gs_str fix = { 0 };

	if (!word || word[0] == '/')
		return 0;
	gs_err_set(err, GS_E_USAGE, "%s%s'%s' is not an absolute path", what ? what : "",
		   what ? " " : "", word);
	/* A path of a tree is not below the directory that gshare is run in. */
	here = gs_words_has(&call->words, GS_OPT_ROOT) ? NULL : getcwd(NULL, 0);
	if (!here || !word[0] || strstr(word, ".."))
		return gs_err_advise(err, "use an absolute path");
	joined = gs_printf("%s/%s", here, word);
	path = gs_exports_clean_path(joined);
	gs_str_adds(&fix, "use an absolute path: ");
	gs_command(&fix, call->cmd->changes ? "sudo" : NULL, "gshare");
	for (size_t i = 0; i < call->typed.n; i++) {
		const char *typed = call->typed.v[i];

		if (!ends_in(typed, word))
			gs_command(&fix, typed);
		else if (typed[0] == '-')
			gs_command_wordf(&fix, "%.*s%s", (int)(strchr(typed, '=') + 1 - typed),
					 typed, path);
		else
			gs_command(&fix, path);
	}
	return gs_err_fix_text(err, &fix);
}

int gs_words_host(const struct gs_call *call, enum gs_opt opt, const char **ret, struct gs_err *err)
{
	const char *host = gs_words_get(&call->words, opt);

	if (host && (!host[0] || host[strspn(host,
					     "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
					     "0123456789-_.:%")]))
		return gs_err_set(err, GS_E_USAGE,
				  "'%s' is no host: give a name, or an address without brackets",
				  host);
	*ret = host;
	return 0;
}
