/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"

#include <string.h>

#include "core/exports/host.h"

/* What we print is what we and exportfs read back. */
static void check_fixpoint(const struct gs_hostspec *spec)
{
	GS_AUTO(gs_hostspec_done) struct gs_hostspec again = { 0 }, in_file = { 0 }, copy = { 0 };
	struct gs_err err = { 0 };

	LAW(spec->kind != GS_HOST_OTHER && spec->kind != GS_HOST_GSS);
	LAW(gs_hostspec_parse(gs_span_of(spec->text), &again, &err) == 0);
	LAW(gs_hostspec_is_same(spec, &again));
	gs_hostspec_read(gs_span_of(spec->text), &in_file);
	LAW(gs_hostspec_is_same(spec, &in_file));
	LAW(gs_hostspec_covers(spec, &in_file) && gs_hostspec_covers(&again, spec));
	LAW(gs_hostspec_is_wide(spec) == gs_hostspec_is_wide(&in_file));
	gs_hostspec_copy(spec, &copy);
	LAW(gs_hostspec_is_same(spec, &copy));
}

static void check_pair(struct gs_span a, struct gs_span b)
{
	GS_AUTO(gs_hostspec_done) struct gs_hostspec x = { 0 }, y = { 0 };

	gs_hostspec_read(a, &x);
	gs_hostspec_read(b, &y);
	if (gs_hostspec_is_same(&x, &y))
		LAW(gs_hostspec_covers(&x, &y) && gs_hostspec_covers(&y, &x));
	LAW(gs_hostspec_covers(&x, &x));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct gs_span text = gs_span((const char *)data, size), rest = text, a = text, b;
	GS_AUTO(gs_hostspec_done) struct gs_hostspec spec = { 0 }, follower = { 0 };
	enum gs_access access = GS_ACCESS_RO;
	struct gs_err err = { 0 };
	bool given = false;
	int parsed = gs_hostspec_parse(text, &spec, &err);

	LAW(parsed == 0 || (parsed == -GS_E_USAGE && err.msg[0] && !spec.text));
	if (parsed == 0)
		check_fixpoint(&spec);
	parsed = gs_hostspec_parse_follower(text, &follower, &access, &given, &err);
	LAW(parsed == 0 || (parsed == -GS_E_USAGE && err.msg[0] && !follower.text));
	if (parsed == 0) {
		check_fixpoint(&follower);
		LAW(given || access == GS_ACCESS_RW);
		LAW(given || gs_hostspec_is_same(&spec, &follower));
	}
	if (size)
		gs_span_cut(&rest, ' ', &a);
	b = rest.ptr ? rest : a;
	check_pair(a, b);
	return 0;
}
