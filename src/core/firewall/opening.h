/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "core/exports/host.h"

/* A rule of gshare's in a firewall: it lets one follower reach the NFS port, and has a tag. */

struct gs_firewall_kind;

/** enum gs_half - where a rule has to be: in what the kernel has now, and in what a boot reads */
enum gs_half { GS_HALF_NONE, GS_HALF_NOW = 1, GS_HALF_KEPT = 2, GS_HALVES = 3 };

/**
 * struct gs_opening - one rule; the texts are borrowed
 * @host: an address or network as gs_hostspec has it
 * @tag:  "gshare /mnt/data/shared": gs_opening_tag()
 * @was:  OPEN only changes the tag of a rule that has this one; NULL: it adds a rule
 * @zone: of firewalld; NULL: the tool has none
 * @more:  a further rule for the same host follows: not before the last it gets in
 * @before: above the rules of others: the administrator asked for it
 * @level: how far above, where the tool counts that: firewalld's priority, negative
 * @place: of a rule that was removed, counted as the tool does; 0: at the end
 */
struct gs_opening {
	const struct gs_firewall_kind *kind;
	const char *host, *tag, *was, *zone;
	unsigned port;
	bool more, before;
	int level;
	unsigned place;
};

enum { GS_TAG_SHORT = 27 /* bytes: xt_LOG(8) takes 29, and a log adds to it */ };

/** gs_opening_tag - the tag of the share at path; a long or odd path becomes a number */
void gs_opening_tag(const char *path, struct gs_str *out);

/** gs_opening_is_tag - did gshare write this tag, for any share? */
bool gs_opening_is_tag(struct gs_span tag);

/** gs_opening_is_v6 - is its host of IPv6? */
bool gs_opening_is_v6(const struct gs_opening *opening);

/** struct gs_openings - rules found; owns their texts */
struct gs_openings {
	struct gs_opening *v;
	unsigned *half; /* of each, enum gs_half */
	size_t n, room, room_half;
	struct gs_strs keep;
};

/** gs_openings_add - add a copy; one that is there already gets the half, too */
void gs_openings_add(struct gs_openings *list, const struct gs_opening *opening, unsigned half);
/** gs_openings_find - the one like this; NULL: none is */
const struct gs_opening *gs_openings_find(const struct gs_openings *list,
					  const struct gs_opening *opening);
/** gs_openings_half - where a rule like this is: by host, port, tag, zone and level */
unsigned gs_openings_half(const struct gs_openings *list, const struct gs_opening *opening);
void gs_openings_done(struct gs_openings *list);
