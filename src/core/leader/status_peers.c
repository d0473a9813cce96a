/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/leader/status_peers.h"

#include <string.h>

#include "core/check/check.h"
#include "core/check/clients.h"
#include "core/exports/nfsd_peers.h"

/* Are all of nfsd's clients known? Else nobody can say that an address has none. */
static bool is_known(const struct gs_status_facts *facts)
{
	return facts->clients_known && !facts->clients_unread;
}

static bool is_hidden(const struct gs_status_facts *facts, const char *addr)
{
	return is_known(facts) && !gs_nfs_client_of(&facts->clients, addr);
}

static bool covers(const struct gs_status_facts *facts, const struct gs_hostspec *host,
		   const char *addr)
{
	const struct gs_strs *addrs = host->kind == GS_HOST_NAME
					      ? gs_names_find(&facts->names, host->text)
					      : NULL;
	GS_AUTO(gs_hostspec_done) struct gs_hostspec own = { 0 };

	if (addrs)
		return gs_strs_has(addrs, addr);
	gs_hostspec_read(gs_span_of(addr), &own);
	return gs_hostspec_covers(host, &own);
}

/* @by_name: only entries for single hosts count: others in a network may use another share */
static bool uses(const struct gs_leader_status *status, const struct gs_share_status *share,
		 const char *addr, bool by_name)
{
	for (size_t i = 0; i < share->n; i++)
		if (share->follower[i].active &&
		    (!by_name || !gs_host_rank(&share->follower[i].host)) &&
		    covers(&status->facts, &share->follower[i].host, addr))
			return true;
	return false;
}

/* Of two nodes of one name one finding is enough: the other may keep it. */
void gs_status_tell_peers(struct gs_leader_status *status, const struct gs_share_status *share)
{
	const struct gs_status_facts *seen = &status->facts;
	GS_AUTO(gs_strs_done) struct gs_strs told = { 0 };

	for (size_t i = 0; is_known(seen) && i < seen->peers.n; i++) {
		const char *addr = seen->peers.v[i];
		struct gs_peer_fact peer = {
			.addr = addr,
			.is_hidden = is_hidden(seen, addr) && uses(status, share, addr, true),
		};
		const struct gs_clients_fact clients = { .known = true, .peer = &peer };
		const struct gs_facts facts = { .clients = &clients };

		if (!uses(status, share, addr, false) || gs_strs_has(&told, addr))
			continue;
		peer.twin = gs_nfs_client_twin(&seen->clients, &seen->peers, addr);
		if (peer.twin)
			gs_strs_add(&told, peer.twin->addr);
		gs_checks_run(&facts, GS_WARN, &status->findings);
	}
}

bool gs_status_is_hidden(const struct gs_leader_status *status,
			 const struct gs_follower_status *follower)
{
	const struct gs_status_facts *facts = &status->facts;

	for (size_t i = 0; !gs_host_rank(&follower->host) && i < facts->peers.n; i++)
		if (is_hidden(facts, facts->peers.v[i]) &&
		    covers(facts, &follower->host, facts->peers.v[i]))
			return true;
	return false;
}
