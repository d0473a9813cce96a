/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <jansson.h>

#include "cmd/call/cmd.h"
#include "cmd/output/change.h"

/*
 * What a verb has to say, for both languages: text for people and JSON ("gshare/1"). A kind of
 * result is a row, in the file of its name, output_KIND.c. That file embeds a struct gs_result as
 * the first member of its own struct, and is the only one that casts back.
 */

struct gs_result;

/**
 * struct gs_result_ops - a kind of result
 * @findings: those of its own, beside a change's; NULL: it has none
 * @text:     for people, on stdout; 0 or a negative code
 * @json_early, @json: the members of its own, before "findings" and after "env"; NULL: none.
 *            A kind that is new wants @json.
 * @is_bare:  its text tells no findings: they go to stderr
 */
struct gs_result_ops {
	const struct gs_findings *(*findings)(const struct gs_result *result);
	int (*text)(const struct gs_call *call, const struct gs_result *result, struct gs_str *out,
		    struct gs_err *err);
	void (*json_early)(const struct gs_result *result, json_t *object);
	void (*json)(const struct gs_result *result, json_t *object);
	bool is_bare;
};

/** struct gs_result - what every kind has; all is borrowed */
struct gs_result {
	const struct gs_result_ops *ops;
	const char *path;	 /* the share; NULL where there is none */
	const char *id;		 /* of the share; NULL where it has none */
	struct gs_change change; /* empty where the verb only looks */
};

enum { GS_RESULT_LISTS = 3 };

/** gs_result_findings - its lists of findings, in the order of JSON; returns how many */
size_t gs_result_findings(const struct gs_result *result,
			  const struct gs_findings *ret[GS_RESULT_LISTS]);

/** gs_result_has_failure - a finding of severity FAIL */
bool gs_result_has_failure(const struct gs_result *result);
