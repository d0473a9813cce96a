/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/check/firewall.h"
#include "core/check/mount.h"
#include "core/peer/node.h"
#include "core/verify/access_report.h"

/* The findings of a whole report. */

/** gs_health_judge - the findings of a mount; a failure means: not healthy */
void gs_health_judge(struct gs_health *health);

/**
 * gs_access_report_judge - the findings of verify: what the share promises and users cannot do
 * A read-only share promises reading; another creating, reading, changing and deleting.
 */
void gs_access_report_judge(struct gs_access_report *report);

/**
 * gs_firewall_tell - the findings of one follower's way through the firewall
 * @most: the highest severity, as in gs_checks_run(); returns the number of failures
 */
size_t gs_firewall_tell(const struct gs_firewall_fact *firewall, enum gs_severity most,
			struct gs_findings *findings);

/**
 * gs_pair_judge - what does not fit together, of this node and of another by its report
 * Both ways: each may be the other's leader.
 */
void gs_pair_judge(const struct gs_node *here, const struct gs_node *peer,
		   struct gs_findings *findings);
