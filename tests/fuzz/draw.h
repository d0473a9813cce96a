/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "fuzz.h"

#include <string.h>

#include "base/types.h"
#include "core/check/check.h"
#include "core/diagnose/diagnose.h"

/*
 * Facts that are drawn by bytes, one for each choice, and the laws of what is found by them. What
 * is over is 0, the first of what can be drawn.
 */
struct bytes {
	const uint8_t *at, *end;
};

static inline unsigned take(struct bytes *b, size_t n)
{
	return b->at < b->end ? (unsigned)(*b->at++ % n) : 0;
}

static inline bool flag(struct bytes *b)
{
	return take(b, 2);
}

#define ANY(b, list) (list)[take(b, GS_COUNT(list))]

/* Owned; NULL where that is drawn. */
static inline char *own(const char *text)
{
	return text ? gs_strdup(text) : NULL;
}

static inline void draw_inode(struct bytes *b, struct gs_inode *ret)
{
	static const enum gs_inode_type types[] = { GS_INODE_DIR, GS_INODE_DIR, GS_INODE_ABSENT,
						    GS_INODE_FILE, GS_INODE_LINK };
	static const mode_t modes[] = { 03775, 0755, 0700, 02775, 0777, 0, 01777, 0444 };
	static const uid_t ids[] = { 0, 1000, 65534, 999 };
	static const char *const acls[] = { NULL, NULL, "user:1000:rwx mask:r-x", "garbage" };

	*ret = (struct gs_inode){
		.type = ANY(b, types),
		.mode = ANY(b, modes),
		.uid = ANY(b, ids),
		.gid = ANY(b, ids),
		.is_mount_point = flag(b),
		.has_entries = flag(b),
		.acl_access = own(ANY(b, acls)),
		.acl_default = own(ANY(b, acls)),
		.acl_hidden = flag(b),
	};
}

static inline bool is_text(const char *text)
{
	for (const char *c = text; *c; c++)
		if ((unsigned char)*c < ' ' || *c == '\x7f')
			return false;
	return *text && !strstr(text, "(null)");
}

static inline void check_text(const char *text)
{
	if (text && !is_text(text))
		fprintf(stderr, "no text for a terminal: '%s'\n", text);
	LAW(!text || is_text(text));
}

/* @ret_fails: does one fail? */
static inline void check_findings(enum gs_side side, const struct gs_findings *findings,
				  bool *ret_fails)
{
	GS_AUTO(gs_cases_done) struct gs_cases cases = { 0 };
	bool fails = false;

	for (size_t i = 0; i < findings->n; i++) {
		LAW(findings->v[i].text);
		check_text(findings->v[i].text);
		check_text(findings->v[i].fix);
	}
	gs_cases_add_all(&cases, side, NULL, findings);
	gs_diagnose(&cases);
	for (size_t i = 0; i < cases.n; i++) {
		const struct gs_case *c = &cases.v[i];

		fails |= c->finding.severity == GS_FAIL;
		LAW(gs_check_find(c->finding.id));
		LAW(c->because == GS_NO_CASE || cases.v[c->because].because == GS_NO_CASE);
	}
	LAW(fails == (gs_cases_cause(&cases) != NULL));
	*ret_fails = fails;
}
