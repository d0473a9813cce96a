/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/leader/leader_status.h"
#include "core/plan/finding.h"
#include "core/plan/model.h"
#include "core/verify/access_report.h"

/*
 * Plans, findings and access reports as text for people: short aligned lines, one fact each. Pure:
 * text goes into a gs_str; text from files or servers is made safe for a terminal.
 */

/** gs_report_share - "share   /mnt/data/shared  (ext4 on /dev/sdb1, 1.8 TB free)" */
void gs_report_share(const char *path, const struct gs_fs *fs, struct gs_str *out);

/** gs_report_items - the summary lines of a plan: "  + create    uploads files" */
void gs_report_items(const struct gs_plan *plan, struct gs_str *out);

/**
 * gs_report_dry_run - a unified diff of every file, then the other steps as commands
 * @offline: mark the steps that are skipped below --root
 */
void gs_report_dry_run(const struct gs_plan *plan, bool offline, struct gs_str *out);

/** gs_report_findings - "note: ..." with the fix below, cause in brackets; none below @least */
void gs_report_findings(const struct gs_findings *findings, enum gs_severity least,
			struct gs_str *out);

/** gs_report_next - commands for other nodes */
void gs_report_next(const struct gs_plan *plan, struct gs_str *out);

/** struct gs_switched - the result of a switch; ms from writing the file to the new etab */
struct gs_switched {
	unsigned active_ms;
	size_t open; /* files open for write when last checked before it */
	bool open_unknown;
};

/** gs_report_switch - "192.168.18.8  rw -> ro   active after 0.14 s, no restart; ..." */
void gs_report_switch(const struct gs_exports_change *exports, const struct gs_switched *how,
		      struct gs_str *out);

/** gs_report_status - leader status: a table for each share, then what is wrong */
void gs_report_status(const struct gs_leader_status *status, struct gs_str *out);

/** gs_report_access - verify's table */
void gs_report_access(const struct gs_access_report *report, struct gs_str *out);

/** gs_report_error - "gshare: ..." and the fix; @kept: what stays all the same, NULL: nothing */
void gs_report_error(const struct gs_err *err, bool changes, const char *kept, struct gs_str *out);

/* Names used in text and JSON. */

/** gs_row_squash - the option that changed the owner of the file: "all_squash"; NULL: none did */
const char *gs_row_squash(const struct gs_access_report *report, const struct gs_row *row);
