/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/output/output_explain.h"

#include <string.h>

#include "cmd/output/emit.h"
#include "cmd/output/json.h"
#include "cmd/output/result.h"
#include "core/check/by_hand.h"
#include "core/check/causes.h"
#include "core/diagnose/follows.h"
#include "core/diagnose/only.h"
#include "core/report/report_explain.h"

struct result {
	struct gs_result head;
	const char *asked; /* NULL: all */
};

static const char *asked(const struct gs_result *result)
{
	return ((const struct result *)result)->asked;
}

static int add_text(const struct gs_call *call, const struct gs_result *result, struct gs_str *out,
		    struct gs_err *err)
{
	(void)call, (void)err;
	if (asked(result))
		gs_report_explain(asked(result), out);
	else
		gs_report_ids(out);
	return 0;
}

static json_t *causes_of(const char *id, const struct gs_strs *ids)
{
	json_t *list = json_array();

	for (size_t i = 0; i < ids->n; i++)
		if (gs_follows(id, ids->v[i]))
			json_array_append_new(list, json_string(ids->v[i]));
	return list;
}

/* "exports(5), nfs(5)" as a list */
static json_t *refs_of(const char *refs)
{
	struct gs_span rest = gs_span_of(refs), one;
	json_t *list = json_array();

	while (gs_span_cut(&rest, ',', &one)) {
		one = gs_span_trim(one);
		json_array_append_new(list, json_stringn(one.ptr, one.len));
	}
	return list;
}

/* How to see it: what text shows, too. */
static void add_by_hand(const char *id, json_t *one)
{
	const struct gs_by_hand *row = gs_by_hand_find(id);

	if (!row)
		return;
	json_object_set_new(one, "by_hand", row->look ? json_string(row->look) : json_null());
	json_object_set_new(one, "see", refs_of(row->refs));
}

static json_t *one_of(const char *id, const struct gs_strs *ids)
{
	json_t *one = json_object();

	json_object_set_new(one, "id", json_string(id));
	json_object_set_new(one, "area", json_string(gs_area(id)));
	json_object_set_new(one, "meaning", json_string(gs_meaning(id)));
	add_by_hand(id, one);
	json_object_set_new(one, "because", causes_of(id, ids));
	return one;
}

static void add_json(const struct gs_result *result, json_t *object)
{
	GS_AUTO(gs_strs_done) struct gs_strs ids = { 0 };
	json_t *list = json_array();

	gs_meanings(&ids);
	for (size_t i = 0; i < ids.n; i++)
		if (!asked(result) || !strcmp(asked(result), ids.v[i]))
			json_array_append_new(list, one_of(ids.v[i], &ids));
	json_object_set_new(object, "ids", list);
}

int gs_emit_explain(const struct gs_call *call, const char *id, struct gs_err *err)
{
	static const struct gs_result_ops ops = { .text = add_text, .json = add_json };
	const struct result result = { .head = { .ops = &ops }, .asked = id };

	return gs_emit(call, &result.head, err);
}

/* ---- doctor's, each with its side ------------------------------------------------------------ */

static int add_list_text(const struct gs_call *call, const struct gs_result *result,
			 struct gs_str *out, struct gs_err *err)
{
	(void)call, (void)result, (void)err;
	gs_report_doctor_ids(out);
	return 0;
}

static void add_list_json(const struct gs_result *result, json_t *object)
{
	GS_AUTO(gs_strs_done) struct gs_strs ids = { 0 };
	json_t *list = json_array();

	(void)result;
	gs_doctor_ids(&ids);
	for (size_t i = 0; i < ids.n; i++) {
		json_t *one = one_of(ids.v[i], &ids);

		json_object_set_new(one, "side", json_string(gs_doctor_side(ids.v[i])));
		json_array_append_new(list, one);
	}
	json_object_set_new(object, "ids", list);
}

int gs_emit_doctor_list(const struct gs_call *call, struct gs_err *err)
{
	static const struct gs_result_ops ops = { .text = add_list_text, .json = add_list_json };
	const struct gs_result result = { .ops = &ops };

	return gs_emit(call, &result, err);
}
