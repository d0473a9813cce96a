/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/leader/offered.h"

#include "core/check/check.h"
#include "core/check/offered.h"

/* Borrowed; NULL: not known. */
static const char *face_towards(const struct gs_names *faces, const char *host)
{
	const struct gs_strs *addrs = gs_names_find(faces, host);

	return addrs && addrs->n ? addrs->v[0] : NULL;
}

int gs_draft_check_offered(struct gs_draft *draft, struct gs_err *err)
{
	const struct gs_leader_facts *facts = draft->facts;
	const struct gs_offered_fact offered = { .offer = &facts->offer };
	const struct gs_facts all = { .offered = &offered };

	if (!gs_leader_gives(draft->req->verb))
		return 0;
	if (gs_checks_refuse(&all, &draft->plan.findings, err) < 0)
		return err->code;
	for (size_t i = 0; i < draft->n; i++) {
		const char *host = draft->client[i].host.text;
		const struct gs_offered_fact reaching = {
			.offer = &facts->offer,
			.host = host,
			.face = face_towards(&facts->faces, host),
		};
		const struct gs_facts one = { .offered = &reaching };

		if (reaching.face && gs_checks_refuse(&one, &draft->plan.findings, err) < 0)
			return err->code;
	}
	return 0;
}

void gs_draft_name_leader(const struct gs_draft *draft, const char *face,
			  struct gs_follower_req *ret)
{
	const char *addr = gs_nfsd_offer_addr(&draft->facts->offer, face);

	ret->leader = addr ? addr : face;
	ret->port = draft->facts->offer.port;
}

size_t gs_status_reaching(struct gs_leader_status *status, const struct gs_share_status *share)
{
	const struct gs_status_facts *seen = &status->facts;
	size_t failures = 0, told = status->findings.n;

	for (size_t i = 0; i < share->n && status->findings.n == told; i++) {
		const char *host = share->follower[i].host.text;
		const struct gs_offered_fact reaching = {
			.offer = &seen->offer,
			.host = host,
			.face = face_towards(&seen->faces, host),
		};
		const struct gs_facts facts = { .offered = &reaching };

		if (reaching.face && !share->follower[i].n)
			failures += gs_checks_run(&facts, GS_FAIL, &status->findings);
	}
	return failures;
}
