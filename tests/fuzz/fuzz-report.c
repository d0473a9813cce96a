/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as a report, with a checksum that is right: what is read is printed as it was, but for
 * the order of its facts, and that reads back the same; a fact is never half there.
 */
#include "fuzz.h"

#include <string.h>

#include "core/peer/report.h"

static void add_sum(struct gs_str *text)
{
	uint64_t sum = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < text->len; i++)
		sum = (sum ^ (unsigned char)text->ptr[i]) * UINT64_C(0x100000001b3);
	gs_str_addf(text, "sum %016llx\n", (unsigned long long)sum);
}

static void check_whole(const struct gs_node *node)
{
	LAW(node->name && node->boot && node->gshare);
	for (size_t i = 0; i < node->addresses.n; i++)
		LAW(gs_node_is_address(node->addresses.v[i].addr));
	for (size_t i = 0; i < node->clients.n; i++)
		LAW(gs_node_is_address(node->clients.v[i].addr) && node->clients.v[i].state);
	for (size_t i = 0; i < node->exports.n; i++)
		LAW(node->exports.v[i].path && node->exports.v[i].client);
	for (size_t i = 0; i < node->mounts.n; i++)
		LAW(node->mounts.v[i].path && node->mounts.v[i].source);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	GS_AUTO(gs_node_done) struct gs_node node = { 0 }, again = { 0 };
	gs_autostr struct gs_str text = { 0 }, one = { 0 }, other = { 0 };
	struct gs_err err = { 0 };

	(void)gs_report_read(gs_span((const char *)data, size), "raw", &again, &err);
	gs_node_done(&again);
	gs_str_add(&text, gs_span((const char *)data, size));
	add_sum(&text);
	if (gs_report_read(gs_str_span(&text), "fuzz", &node, &err) < 0) {
		LAW(!node.name && err.msg[0] && err.id);
		return 0;
	}
	check_whole(&node);
	gs_report_node(&node, &one);
	LAW(one.len == text.len || node.left_out);
	LAW(gs_report_read(gs_str_span(&one), "again", &again, &err) == 0);
	gs_report_node(&again, &other);
	LAW(gs_span_is(gs_str_span(&one), gs_str_span(&other)));
	return 0;
}
