/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/diagnose/diagnose.h"
#include "sys/sys.h"

/**
 * struct gs_look - a look at one place, which knows of no other one
 * @side, @place: where; of what is told if it does not end
 * @fn: adds what it sees; may run in a child
 * @arg: its; lives as long as the look
 * @ret: where what it sees goes; NULL: to the others'
 * @is_crowded: so many run that what one does not end in time says little
 */
struct gs_look {
	enum gs_side side;
	const char *place;
	void (*fn)(struct gs_sys *, const struct gs_look *, struct gs_cases *);
	const void *arg;
	struct gs_cases *ret;
	bool is_crowded;
};

struct gs_looks {
	struct gs_look *v;
	size_t n, room;
};

/** gs_looks_add - one more, which is returned until the next one; place and arg are not copied */
struct gs_look *gs_looks_add(struct gs_looks *looks, enum gs_side side, const char *place,
			     void (*fn)(struct gs_sys *, const struct gs_look *, struct gs_cases *),
			     const void *arg);

/**
 * gs_look_at_once - take all of the looks: a silent one costs no other
 * @width: so many at once, each with the whole time; of more, the first ones with half of it
 * One that does not end is a finding of its place.
 */
void gs_look_at_once(struct gs_sys *sys, struct gs_looks *looks, size_t width,
		     struct gs_cases *cases);

void gs_looks_done(struct gs_looks *looks);
