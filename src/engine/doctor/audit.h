/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/diagnose/diagnose.h"
#include "sys/sys.h"

/**
 * gs_audit_node - add what this node's server and mounts give beyond need: core/check/audit.h
 * @path: only of the share or mount there; the server as a whole is looked at all the same. NULL:
 *        everything
 * Nothing is changed, no request goes to another host, and no NFS mount is entered.
 */
void gs_audit_node(struct gs_sys *sys, const char *path, struct gs_cases *cases);
