/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Findings that come from no check: a run reports them where they happen. This table has their
 * meaning, for the man page.
 */

/** struct gs_note - @id: UPPER_SNAKE; @meaning: one sentence */
struct gs_note {
	const char *id, *meaning;
};

/** All notes, sorted by id; the last has no id. */
extern const struct gs_note gs_notes[];
