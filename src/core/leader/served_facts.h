/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/check/served.h"
#include "core/exports/docs.h"
#include "core/leader/request.h"
#include "core/plan/finding.h"

/**
 * gs_served_meant - what a share must be, by its entries: all of the fact but what is there
 * @etab: the active entries; NULL: not known
 */
void gs_served_meant(const struct gs_docs *docs, const struct gs_exports *etab, const char *path,
		     struct gs_served_fact *fact);

/**
 * gs_served_check - the checks of an existing share, from the facts of a verb
 * Without a directory nothing else can be looked at: that is an error, with the check's id.
 */
int gs_served_check(const struct gs_leader_facts *facts, struct gs_findings *findings,
		    struct gs_err *err);
