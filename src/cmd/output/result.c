/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/output/result.h"

#include "core/diagnose/diagnose.h"

size_t gs_result_findings(const struct gs_result *result,
			  const struct gs_findings *ret[GS_RESULT_LISTS])
{
	const struct gs_findings *own = result->ops->findings ? result->ops->findings(result)
							      : NULL;
	size_t n = 0;

	if (result->change.plan)
		ret[n++] = &result->change.plan->findings;
	if (result->change.done)
		ret[n++] = &result->change.done->findings;
	if (own)
		ret[n++] = own;
	return n;
}

static bool has_failure(const struct gs_findings *findings)
{
	for (size_t i = 0; i < findings->n; i++)
		if (findings->v[i].severity == GS_FAIL)
			return true;
	return false;
}

bool gs_result_has_failure(const struct gs_result *result)
{
	const struct gs_findings *list[GS_RESULT_LISTS];
	size_t n = gs_result_findings(result, list);

	for (size_t i = 0; i < n; i++)
		if (has_failure(list[i]))
			return true;
	return false;
}

const char *gs_result_cause(const struct gs_result *result, bool *ret_more)
{
	const struct gs_findings *list[GS_RESULT_LISTS];

	*ret_more = false;
	if (result->is_many)
		return NULL;
	return gs_findings_cause(list, gs_result_findings(result, list), ret_more);
}
