/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/str.h"

/*
 * Texts of a node that go to somebody who helps: what may be a secret is left out, by rules, and
 * stands as "<left-out>". Where it is doubtful how far a value goes, more is left out. Pure.
 *
 * The rules: the value of a name such as password or token, behind "=" or ": ", or behind the
 * option "--password"; the user and the password of a URL; what a PEM block holds.
 */

/** enum gs_secret_in - where the values of a text end */
enum gs_secret_in {
	GS_SECRET_IN_TEXT,    /* at a blank outside quotes; with the line where the name begins the
				 line, or is in a comment */
	GS_SECRET_IN_OPTIONS, /* at a comma or parenthesis, too: exports(5), fstab(5) */
	GS_SECRET_IN_JSON,    /* at the end of the string */
};

#define GS_SECRET_LEFT_OUT "<left-out>"

/** gs_secrets_leave_out - add text without its secrets; all other bytes stay */
void gs_secrets_leave_out(struct gs_span text, enum gs_secret_in in, struct gs_str *out);
