/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdarg.h>
#include <stddef.h>

#include "base/str.h"
#include "core/step/step.h"

/* Findings for the administrator, and the lines of a summary. */

enum gs_severity { GS_NOTE, GS_WARN, GS_FAIL };

/** struct gs_finding - a message for the administrator; strings owned */
struct gs_finding {
	enum gs_severity severity;
	const char *id; /* UPPER_SNAKE, static */
	char *text;
	char *fix; /* NULL: nothing to do */
};

struct gs_findings {
	struct gs_finding *v;
	size_t n, room;
};

/** struct gs_item - one line of a summary for people: "  + export  192.168.18.8  rw  …" */
struct gs_item {
	char mark;	  /* '+' will be made, '=' exists already, '-' is removed,
			     '!' stays but should not */
	const char *what; /* one word */
	char *text;
};

struct gs_items {
	struct gs_item *v;
	size_t n, room;
};

void gs_findings_add(struct gs_findings *findings, enum gs_severity severity, const char *id,
		     const char *fix, const char *fmt, ...) __attribute__((format(printf, 5, 6)));
/** gs_findings_copy - add copies of all to others */
void gs_findings_copy(const struct gs_findings *from, struct gs_findings *to);
/** gs_findings_find - the first one with that id; NULL: none */
const struct gs_finding *gs_findings_find(const struct gs_findings *findings, const char *id);
void gs_findings_done(struct gs_findings *findings);

/** gs_join - "uploads files datasets" */
void gs_join(const struct gs_strs *list, const char *separator, struct gs_str *out);

const char *gs_severity_name(enum gs_severity severity); /* "note" */

/** gs_safe_text - a message as gs_printf() makes it, safe for a terminal; owned */
char *gs_safe_text(const char *fmt, va_list ap) __attribute__((format(printf, 1, 0)));
