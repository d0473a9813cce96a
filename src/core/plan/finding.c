/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/plan/finding.h"

#include <stdarg.h>
#include <stdlib.h>

/* The formatted text, made safe for a terminal; owned. */
char *gs_safe_text(const char *fmt, va_list ap)
{
	gs_autofree char *raw = gs_vprintf(fmt, ap);
	gs_autostr struct gs_str text = { 0 };

	gs_str_add_message(&text, gs_span_of(raw));
	return gs_span_dup(gs_str_span(&text));
}

void gs_findings_add(struct gs_findings *findings, enum gs_severity severity, const char *id,
		     const char *fix, const char *fmt, ...)
{
	struct gs_finding *finding;
	va_list ap;

	gs_grow(&findings->v, findings->n, &findings->room, sizeof *findings->v);
	finding = &findings->v[findings->n++];
	finding->severity = severity;
	finding->id = id;
	va_start(ap, fmt);
	finding->text = gs_safe_text(fmt, ap);
	va_end(ap);
	finding->fix = fix ? gs_strdup(fix) : NULL;
}

void gs_findings_copy(const struct gs_findings *from, struct gs_findings *to)
{
	for (size_t i = 0; i < from->n; i++)
		gs_findings_add(to, from->v[i].severity, from->v[i].id, from->v[i].fix, "%s",
				from->v[i].text);
}

const struct gs_finding *gs_findings_find(const struct gs_findings *findings, const char *id)
{
	for (size_t i = 0; i < findings->n; i++)
		if (!strcmp(findings->v[i].id, id))
			return &findings->v[i];
	return NULL;
}

void gs_findings_done(struct gs_findings *findings)
{
	for (size_t i = 0; i < findings->n; i++) {
		free(findings->v[i].text);
		free(findings->v[i].fix);
	}
	free(findings->v);
	*findings = (struct gs_findings){ 0 };
}

void gs_join(const struct gs_strs *list, const char *separator, struct gs_str *out)
{
	for (size_t i = 0; i < list->n; i++) {
		if (i)
			gs_str_adds(out, separator);
		gs_str_adds(out, list->v[i]);
	}
}

const char *gs_severity_name(enum gs_severity severity)
{
	static const char *const name[] = {
		[GS_NOTE] = "note", [GS_WARN] = "warn", [GS_FAIL] = "fail"
	};

	return name[severity];
}
