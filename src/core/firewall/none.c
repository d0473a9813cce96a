/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/firewall/firewall.h"

/* No firewall that is known here: the last row, which counts where no other is in charge. */

static const struct gs_firewall_read reads[] = { { 0 } };

static enum gs_charge charge(const struct gs_firewall *firewall)
{
	(void)firewall;
	return GS_CHARGE_LATER;
}

static void judge(const struct gs_firewall *firewall, const struct gs_knock *knock,
		  struct gs_verdict *ret)
{
	(void)knock;
	ret->now = firewall->unlisted ? GS_GATE_UNKNOWN : GS_GATE_OPEN;
	ret->kept = ret->now;
}

const struct gs_firewall_kind gs_firewall_none = {
	.name = "none",
	.reads = reads,
	.charge = charge,
	.judge = judge,
};
