/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/verb/explain.h"

#include "cmd/output/output_explain.h"
#include "cmd/verb/ids.h"

int gs_cmd_explain(struct gs_call *call, struct gs_err *err)
{
	const struct gs_strs *pos = &call->words.pos;
	GS_AUTO(gs_strs_done) struct gs_strs id = { 0 };

	if (pos->n > 1)
		return gs_err_set(err, GS_E_USAGE, "'%s' accepts at most one ID", call->name);
	if (pos->n && gs_verb_add_id(gs_span_of(pos->v[0]), &id, err) < 0)
		return err->code;
	return gs_emit_explain(call, pos->n ? id.v[0] : NULL, err);
}
