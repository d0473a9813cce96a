/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/verb/ids.h"

#include <ctype.h>
#include <string.h>

#include "base/near.h"
#include "core/check/causes.h"

static char *id_of(struct gs_span typed)
{
	char *id = gs_span_dup(gs_span_has_prefix(typed, "(") ? gs_span_from(typed, 1) : typed);

	for (char *c = id; *c; c++)
		*c = (char)(*c == ')' ? '\0' : toupper((unsigned char)*c));
	return id;
}

static const char *near_to(const char *id, const struct gs_strs *known)
{
	unsigned best = gs_near_limit(strlen(id));
	const char *found = NULL;

	for (size_t i = 0; i < known->n; i++) {
		unsigned edits = gs_near_edits(id, known->v[i]);

		if (edits >= best)
			continue;
		best = edits;
		found = known->v[i];
	}
	return found;
}

int gs_verb_add_id(struct gs_span typed, struct gs_strs *ret, struct gs_err *err)
{
	GS_AUTO(gs_strs_done) struct gs_strs known = { 0 };
	gs_autofree char *id = id_of(typed), *word = NULL;
	const char *meant;

	if (gs_meaning(id)) {
		gs_strs_add(ret, id);
		return 0;
	}
	word = gs_span_dup(typed);
	gs_meanings(&known);
	meant = near_to(id, &known);
	gs_err_set(err, GS_E_USAGE, "no finding and no error of gshare has the id '%s'", word);
	if (meant)
		return gs_err_advise(err, "did you mean '%s'?", meant);
	return gs_err_advise(err, "gshare explain");
}
