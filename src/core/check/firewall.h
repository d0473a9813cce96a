/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/str.h"
#include "core/exports/host.h"

/** struct gs_ufw - the files of ufw(8), which apply while it is enabled; owned; empty: not read */
struct gs_ufw {
	struct gs_str conf;	     /* /etc/ufw/ufw.conf */
	struct gs_str defaults;	     /* /etc/default/ufw */
	struct gs_str rules, rules6; /* /etc/ufw/user.rules, user6.rules; root's alone */
};

/** struct gs_firewall_fact - does this node's firewall let a follower reach the NFS server? */
struct gs_firewall_fact {
	const struct gs_ufw *ufw;
	const struct gs_hostspec *host;
	unsigned port; /* of nfsd; 0: not known */
};

void gs_ufw_done(struct gs_ufw *ufw);
