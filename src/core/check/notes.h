/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The other half of the findings: what a run says of itself. Nothing is asked for them: they are
 * told where it happens. Here they have their meaning, for the man page.
 */

/** struct gs_note - @id: UPPER_SNAKE; @meaning: one sentence */
struct gs_note {
	const char *id, *meaning;
};

/** Every one of them, by id; the last has none. */
extern const struct gs_note gs_notes[];
