/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/verify/coherence.h"

#include <stdlib.h>
#include <string.h>

#include "base/types.h"
#include "core/format/fstab.h"

enum { ACDIRMAX_S = 60, MAX_S = 1 << 30 }; /* nfs(5): the defaults */

unsigned gs_seen_lag(const char *options)
{
	struct gs_span value;
	uint64_t seconds;

	if (gs_mountopt_get(options, "noac", &value))
		return 0;
	if (gs_mountopt_get(options, "lookupcache", &value) && !gs_span_is_text(value, "all"))
		return 0;
	if (gs_mountopt_get(options, "acdirmax", &value) && gs_span_number(value, MAX_S, &seconds))
		return (unsigned)seconds;
	return ACDIRMAX_S;
}

/* The path after "HOST:"; an IPv6 address has brackets around its colons. */
static const char *path_of(const char *source)
{
	const char *path = strstr(source, ":/");

	return path ? path + 1 : NULL;
}

static bool is_v4_over_tcp(const char *options)
{
	struct gs_span value;

	return gs_mountopt_get(options, "vers", &value) && gs_span_has_prefix(value, "4") &&
	       (!gs_mountopt_get(options, "proto", &value) || gs_span_has_prefix(value, "tcp"));
}

bool gs_seen_find(const char *source, const char *target, const char *options, const char *dir,
		  struct gs_seen_at *ret)
{
	const char *top = path_of(source);
	struct gs_span addr, base;
	size_t n = strlen(target);

	if (!strcmp(target, "/"))
		n = 0;
	if (!top || !is_v4_over_tcp(options) || !gs_mountopt_get(options, "addr", &addr) ||
	    strncmp(dir, target, n) != 0 || (dir[n] && dir[n] != '/'))
		return false;
	base = gs_span_of(top);
	while (base.len && base.ptr[base.len - 1] == '/')
		base.len--;
	*ret = (struct gs_seen_at){
		.server = gs_span_dup(addr),
		.path = gs_printf("%.*s%s", (int)base.len, base.ptr,
				  base.len || dir[n] ? dir + n : "/"),
		.port = gs_mountopt_port(options),
	};
	return true;
}

void gs_seen_at_done(struct gs_seen_at *at)
{
	free(at->server);
	free(at->path);
	*at = (struct gs_seen_at){ 0 };
}
