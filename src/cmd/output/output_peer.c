/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/output/output_peer.h"

#include "cmd/output/emit.h"
#include "cmd/output/json.h"
#include "cmd/output/result.h"
#include "core/peer/report.h"

struct result {
	struct gs_result head;
	const struct gs_node *node;
};

static const struct gs_node *node_of(const struct gs_result *result)
{
	return ((const struct result *)result)->node;
}

static int add_text(const struct gs_call *call, const struct gs_result *result, struct gs_str *out,
		    struct gs_err *err)
{
	(void)call, (void)err;
	gs_report_node(node_of(result), out);
	return 0;
}

static void add_json(const struct gs_result *result, json_t *object)
{
	gs_autostr struct gs_str text = { 0 };

	gs_report_node(node_of(result), &text);
	json_object_set_new(object, "peer_report", gs_output_text(gs_str_span(&text)));
}

int gs_emit_peer(const struct gs_call *call, const struct gs_node *node, struct gs_err *err)
{
	static const struct gs_result_ops ops = { .text = add_text, .json = add_json };
	const struct result result = { .head = { .ops = &ops }, .node = node };

	return gs_emit(call, &result.head, err);
}
