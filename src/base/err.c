/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int gs_err_set(struct gs_err *err, int code, const char *fmt, ...)
{
	va_list ap;

	err->code = code < 0 ? code : -code;
	err->id = NULL;
	err->fix[0] = '\0';
	va_start(ap, fmt);
	vsnprintf(err->msg, sizeof err->msg, fmt, ap);
	va_end(ap);
	return err->code;
}

int gs_err_prefix(struct gs_err *err, const char *fmt, ...)
{
	char place[GS_ERR_MSG_BYTES];
	size_t room = sizeof err->msg, used, old;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(place, sizeof place - 2, fmt, ap);
	va_end(ap);
	if (n < 0)
		return err->code;
	used = strlen(place);
	memcpy(place + used, ": ", 2);
	used += 2;
	old = strlen(err->msg);
	if (used + old >= room)
		old = used >= room ? 0 : room - 1 - used;
	if (used >= room)
		used = room - 1;
	memmove(err->msg + used, err->msg, old);
	memcpy(err->msg, place, used);
	err->msg[used + old] = '\0';
	return err->code;
}

int gs_err_cause(struct gs_err *err, const char *id)
{
	err->id = id;
	return err->code;
}

const char *gs_err_name(const struct gs_err *err)
{
	return err->id ? err->id : "unknown cause";
}

int gs_err_advise(struct gs_err *err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(err->fix, sizeof err->fix, fmt, ap);
	va_end(ap);
	return err->code;
}

const char *gs_errno_text(int code)
{
	const char *text = strerrordesc_np(code < 0 ? -code : code);

	return text ? text : "unknown error";
}
