/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <jansson.h>

#include "cmd/call/cmd.h"
#include "cmd/output/change.h"

/*
 * The output of a verb, as text for people and as JSON ("gshare/1"). Each kind of result has a
 * struct gs_result_ops and a gs_emit_KIND(), which embeds a struct gs_result as the first member of
 * its own struct; only that kind's functions cast back.
 */

struct gs_result;

/**
 * struct gs_result_ops - a kind of result
 * @findings: of this kind alone, beside those of the change; NULL: it has none
 * @text:     for people, on stdout; 0 or a negative code
 * @json_early, @json: add this kind's members, before "findings" and after "env"; NULL: none.
 *            A new kind should use @json.
 * @is_bare:  its text has no findings: they go to stderr
 * @names_cause: text and JSON name the cause by themselves
 */
struct gs_result_ops {
	const struct gs_findings *(*findings)(const struct gs_result *result);
	int (*text)(const struct gs_call *call, const struct gs_result *result, struct gs_str *out,
		    struct gs_err *err);
	void (*json_early)(const struct gs_result *result, json_t *object);
	void (*json)(const struct gs_result *result, json_t *object);
	bool is_bare, names_cause;
};

/** struct gs_result - what every kind has; all is borrowed */
struct gs_result {
	const struct gs_result_ops *ops;
	const char *path;	 /* the share; NULL where there is none */
	const char *id;		 /* of the share; NULL where it has none */
	struct gs_change change; /* empty where the verb only looks */
	bool is_many; /* of several shares or mounts: a finding of one explains none of another */
};

enum { GS_RESULT_LISTS = 3 };

/** gs_result_findings - the result's lists of findings, in JSON's order; returns how many */
size_t gs_result_findings(const struct gs_result *result,
			  const struct gs_findings *ret[GS_RESULT_LISTS]);

/**
 * gs_result_cause - the failure that explains the others, as doctor would name it
 * @ret_more: another failure follows from it, and none stands by itself
 * Returns an id; NULL: nothing fails, or the result is of several.
 */
const char *gs_result_cause(const struct gs_result *result, bool *ret_more);

/** gs_result_has_failure - a finding of severity FAIL */
bool gs_result_has_failure(const struct gs_result *result);
