/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

/*
 * Failing in gshare: a function returns 0 or a negative code and describes the
 * failure once, in the function that detects it. Callers prefix the object concerned.
 */

enum {
	GS_ERR_MSG_BYTES = 1024, /* a message quotes at most two paths of PATH_MAX/8 and a reason */
	GS_ERR_FIX_BYTES =
		2560, /* one command line, with the longest path of exportfs in it twice */
};

/* Outcomes that no errno names; above every errno (4095), below libmount's own codes (5000). */
enum gs_outcome {
	GS_E_USAGE = 4200, /* invalid arguments */
	GS_E_FOUND,	   /* the checks ran and found a problem */
	GS_E_PRIVILEGE,	   /* a privilege is missing */
	GS_E_LOCKED,	   /* another gshare holds the lock */
	GS_E_LEFT,	   /* failed, and something could not be rolled back */
	GS_E_PARTLY,	   /* failed; the changes made so far are valid and stay */
	GS_E_CHILD,	   /* a child program failed in a way that errno does not name */
};

/**
 * struct gs_err - what failed
 * @code: negative errno or negative enum gs_outcome; 0 while nothing failed
 * @id:   cause in UPPER_SNAKE (static storage), NULL where none is known
 * @msg:  one line: what failed, the object quoted, the fact; lower case, no full stop
 * @fix: one command or act that fixes it, empty where none is known
 */
struct gs_err {
	int code;
	const char *id;
	char msg[GS_ERR_MSG_BYTES];
	char fix[GS_ERR_FIX_BYTES];
};

/**
 * gs_err_set - describe a failure
 * @code: errno or enum gs_outcome, of either sign
 * Returns the code, negative, so that failing is one line. A text that does not fit is cut.
 */
int gs_err_set(struct gs_err *err, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/** gs_err_prefix - put the place before the message: "place: message"; returns err->code */
int gs_err_prefix(struct gs_err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/** gs_err_cause - name the cause (static string) of a failure already set; returns err->code */
int gs_err_cause(struct gs_err *err, const char *id);

/** gs_err_advise - add what fixes a failure already set; returns err->code */
int gs_err_advise(struct gs_err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/** gs_err_name - the cause, as a word for a message; "no cause known" where none was named */
const char *gs_err_name(const struct gs_err *err);

/** gs_errno_text - an errno of either sign as static text, whatever the locale */
const char *gs_errno_text(int code);
