/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/check/fix.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/command.h"

static struct gs_fix *add(struct gs_fixes *fixes, const char *node, const char *advice)
{
	struct gs_fix *fix;

	gs_grow(&fixes->v, fixes->n, &fixes->room, sizeof *fixes->v);
	fix = &fixes->v[fixes->n++];
	*fix = (struct gs_fix){ .node = node ? gs_strdup(node) : NULL };
	gs_str_adds(&fix->advice, advice);
	return fix;
}

struct gs_str *gs_fix_on(struct gs_fixes *fixes, const char *node)
{
	return &add(fixes, node, "")->command;
}

struct gs_str *gs_fix_on_if(struct gs_fixes *fixes, const char *node, const char *advice)
{
	return &add(fixes, node, advice)->command;
}

struct gs_str *gs_fix_here(struct gs_fixes *fixes, const char *advice)
{
	return &add(fixes, NULL, advice)->command;
}

bool gs_fix_is_typed(const struct gs_strs *typed, const char *noun, const char *verb)
{
	return typed && typed->n > 1 && !strcmp(typed->v[0], noun) && !strcmp(typed->v[1], verb);
}

struct gs_str *gs_fix_typed(struct gs_fixes *fixes, const char *advice, const struct gs_strs *typed)
{
	struct gs_str *command = gs_fix_here(fixes, advice);

	gs_command(command, "sudo", "gshare");
	for (size_t i = 0; i < typed->n; i++)
		if (strcmp(typed->v[i], "-n") != 0 && strcmp(typed->v[i], "--dry-run") != 0)
			gs_command(command, typed->v[i]);
	return command;
}

void gs_fix_advise(struct gs_fixes *fixes, const char *fmt, ...)
{
	gs_autofree char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	text = gs_vprintf(fmt, ap);
	va_end(ap);
	add(fixes, NULL, text);
}

/* 1500 bytes without the headers of IP and of ICMP: ping(8), RFC 791, RFC 8200 */
void gs_fix_large(struct gs_fixes *fixes, const char *advice, const char *server)
{
	gs_command(gs_fix_here(fixes, advice), "ping", "-M", "do", "-s",
		   strchr(server, ':') ? "1452" : "1472", "-c", "3", server);
}

void gs_fixes_print(const struct gs_fixes *fixes, struct gs_str *out)
{
	for (size_t i = 0; i < fixes->n; i++) {
		const struct gs_fix *fix = &fixes->v[i];

		if (!fix->advice.len && !fix->command.len)
			continue;
		gs_str_adds(out, out->len ? "; " : "");
		gs_str_add(out, gs_str_span(&fix->advice));
		if (fix->node && fix->command.len)
			gs_command_on(out, fix->node);
		gs_str_add(out, gs_str_span(&fix->command));
	}
}

void gs_fixes_done(struct gs_fixes *fixes)
{
	for (size_t i = 0; i < fixes->n; i++) {
		free(fixes->v[i].node);
		gs_str_done(&fixes->v[i].advice);
		gs_str_done(&fixes->v[i].command);
	}
	free(fixes->v);
	*fixes = (struct gs_fixes){ 0 };
}
