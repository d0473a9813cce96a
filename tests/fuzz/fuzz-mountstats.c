/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as /proc/self/mountstats: what is found once is found again, and found last; sums are
 * those of the parts.
 */
#include "fuzz.h"

#include <string.h>

#include "core/format/mountstats.h"

/* Fields are named: the struct's padding is not to be compared. */
static bool same(const struct gs_mountstats *a, const struct gs_mountstats *b)
{
	return a->age_s == b->age_s && a->connections == b->connections &&
	       a->reconnects == b->reconnects && a->requests == b->requests &&
	       a->retransmitted == b->retransmitted && a->timeouts == b->timeouts &&
	       a->rtt_ms == b->rtt_ms;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char other[] =
		"\ndevice h:/x mounted on /other with fstype nfs4 statvers=1.1\n"
		"\tage:\t7\n\txprt:\ttcp 1 1 4 0 0\n\tper-op statistics\n"
		"\t READ: 2 5 1 0 0 0 9 9 0\n";
	static const char target[] = "/mnt/data/shared";
	struct gs_span text = gs_span((const char *)data, size);
	struct gs_mountstats first = { .age_s = 1234 }, again = { 0 }, last = { 0 };
	gs_autostr struct gs_str twice = { 0 }, more = { 0 };
	bool found = gs_mountstats_find(text, target, &first);

	LAW(found || (first.age_s == 1234 && !first.requests));
	/* The last block counts, whatever stands above it. */
	gs_str_add(&twice, text);
	gs_str_addc(&twice, '\n');
	gs_str_add(&twice, text);
	LAW(gs_mountstats_find(gs_str_span(&twice), target, &again) == found);
	gs_str_add(&more, text);
	gs_str_adds(&more, other);
	LAW(gs_mountstats_find(gs_str_span(&more), "/other", &last));
	LAW(last.age_s == 7 && last.connections == 1 && last.reconnects == 1 &&
	    last.requests == 2 && last.retransmitted == 3 && last.timeouts == 1 &&
	    last.rtt_ms == 9);
	LAW(gs_mountstats_find(gs_str_span(&more), target, &again) == found);
	LAW(!found || same(&first, &again));
	return 0;
}
