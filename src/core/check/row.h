/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/check/facts.h"
#include "core/check/fix.h"
#include "core/plan/finding.h"

/*
 * What can be wrong with a share, as rows of tables, each with one rule on the facts. Every verb
 * takes its findings from here, so that all report a problem in the same words. Pure.
 */

/** The node whose facts a check needs. */
enum gs_scope { GS_ON_ANY, GS_ON_LEADER, GS_ON_FOLLOWER };

#define GS_GIVEN(fact) (UINT64_C(1) << GS_FACT_##fact)

/**
 * struct gs_check - one check
 * @id:       UPPER_SNAKE. Rows with one id are one finding with several texts.
 * @meaning:  of the id, for the man page; in its first row
 * @facts:    GS_GIVEN(x) of each that must be given, else the row is not run
 * @severity: at most; a verb that only warns lowers it
 * @rule:     is the problem there?
 * @names:    instead of a rule: the id of the problem that the facts name; NULL: none
 * @text, @message: the finding: a fixed text, or built from the facts
 * @command, @fix: the fix, the same way; both: the text where the facts give none; NULL both: none
 *                 is known
 * @ends:     if the rule is true, the rest of the table is not run
 */
struct gs_check {
	const char *id, *meaning;
	enum gs_scope scope;
	uint64_t facts;
	enum gs_severity severity;
	bool (*rule)(const struct gs_facts *facts);
	const char *(*names)(const struct gs_facts *facts);
	const char *text;
	void (*message)(const struct gs_facts *facts, struct gs_str *out);
	const char *command;
	void (*fix)(const struct gs_facts *facts, struct gs_fixes *out);
	bool ends;
};

/* The tables, one a subject; each ends with a row without an id. */

extern const struct gs_check gs_checks_server[];
extern const struct gs_check gs_checks_starting[];
extern const struct gs_check gs_checks_offered[];
extern const struct gs_check gs_checks_clients[];
extern const struct gs_check gs_checks_firewall[];
extern const struct gs_check gs_checks_gate[];
extern const struct gs_check gs_checks_exports[];
extern const struct gs_check gs_checks_wide[];
extern const struct gs_check gs_checks_cut_off[];
extern const struct gs_check gs_checks_top[];
extern const struct gs_check gs_checks_escape[];
extern const struct gs_check gs_checks_share[];
extern const struct gs_check gs_checks_served[];
extern const struct gs_check gs_checks_whole[];
extern const struct gs_check gs_checks_fsid[];
extern const struct gs_check gs_checks_around[];
extern const struct gs_check gs_checks_squash[];
extern const struct gs_check gs_checks_async[];
extern const struct gs_check gs_checks_kept[];
extern const struct gs_check gs_checks_overlap[];
extern const struct gs_check gs_checks_target[];
extern const struct gs_check gs_checks_mount[];
extern const struct gs_check gs_checks_boot[];
extern const struct gs_check gs_checks_access[];
extern const struct gs_check gs_checks_client[];
extern const struct gs_check gs_checks_envfile[];
extern const struct gs_check gs_checks_file[];
extern const struct gs_check gs_checks_audit_exports[];
extern const struct gs_check gs_checks_audit_server[];
extern const struct gs_check gs_checks_audit_tree[];
extern const struct gs_check gs_checks_audit_mount[];
extern const struct gs_check gs_checks_unwritten[];
extern const struct gs_check gs_checks_fstab_line[];
extern const struct gs_check gs_checks_allowed[];
extern const struct gs_check gs_checks_cluster[];
extern const struct gs_check gs_checks_postgres[];
extern const struct gs_check gs_checks_forgotten[];
extern const struct gs_check gs_checks_between[];
