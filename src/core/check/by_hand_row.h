/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * How to see by hand what an id of the program means, and where that is documented. Only said,
 * never run. Words in capitals stand for what is meant, as in gshare(8).
 */

/**
 * struct gs_by_hand - what there is to see of an id
 * @look: a line for a shell, which changes nothing and ends in time also where a server does not
 *        respond; behind "on LEADER: " or "on FOLLOWER: " where it is for another node; NULL: there
 *        is nothing to look at
 * @refs: manual pages as NAME(SECTION), RFCs, CVEs, source files of the kernel and, below
 *        nfs-utils/, of nfs-utils; at most three, ", " between them
 */
struct gs_by_hand {
	const char *id, *look, *refs;
};

/* The tables, one a subject, sorted; each ends with a row without an id. */

extern const struct gs_by_hand gs_by_hand_server[];
extern const struct gs_by_hand gs_by_hand_exports[];
extern const struct gs_by_hand gs_by_hand_share[];
extern const struct gs_by_hand gs_by_hand_mount[];
extern const struct gs_by_hand gs_by_hand_network[];
extern const struct gs_by_hand gs_by_hand_run[];
