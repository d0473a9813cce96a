/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/observe/cut_off.h"

#include "core/check/check.h"
#include "core/plan/drain.h"
#include "core/plan/plan.h"
#include "engine/observe/nfsd_clients.h"
#include "engine/phase.h"

enum { LOOK_PART = 4 }; /* of the time that is left */

/* Their states do not matter: a mount without an open file is cut off as well. */
static bool wants_none(void *arg, const struct gs_nfs_client *client)
{
	(void)arg;
	(void)client;
	return false;
}

/* Label one: "192.168.18.8 (gpu-1)". Returns false where it is in the list already. */
static bool is_first(const struct gs_nfs_client *client, struct gs_strs *list)
{
	gs_autostr struct gs_str label = { 0 };

	gs_str_add_safe(&label, gs_span_of(client->addr));
	if (client->host) {
		gs_str_adds(&label, " (");
		gs_str_add_safe(&label, gs_span_of(client->host));
		gs_str_adds(&label, ")");
	}
	if (gs_strs_has(list, label.ptr))
		return false;
	gs_strs_add(list, label.ptr);
	return true;
}

/* Those of @hosts among the clients; @ret: who they are */
static void tell(const struct gs_nfs_clients *clients, const struct gs_drain *hosts, bool remapped,
		 struct gs_plan *plan, struct gs_strs *ret)
{
	GS_AUTO(gs_drain_hosts_done) struct gs_drain_hosts known = { 0 };

	gs_drain_hosts_init(&known, hosts);
	for (size_t i = 0; i < clients->n; i++) {
		const struct gs_cut_off_fact cut = {
			.path = plan->exports.predict[0].path,
			.addr = clients->v[i].addr,
			.host = clients->v[i].host,
			.stops = gs_plan_find(plan, GS_STEP_STOP_SERVER),
			.remapped = remapped,
		};
		const struct gs_facts facts = { .cut_off = &cut };

		if (gs_drain_concerns(&known, &clients->v[i]) && is_first(&clients->v[i], ret))
			gs_checks_run(&facts, GS_WARN, &plan->findings);
	}
}

static void observe(struct gs_sys *sys, const struct gs_drain *lost,
		    const struct gs_drain *remapped, struct gs_plan *plan, struct gs_strs *ret)
{
	GS_AUTO(gs_nfs_clients_done) struct gs_nfs_clients clients = { 0 };
	GS_AUTO(gs_strs_done) struct gs_strs stay = { 0 };
	const struct gs_clients_req req = { wants_none, NULL, LOOK_PART };
	struct gs_err unseen = { 0 };

	(void)gs_look_clients(sys, &req, &clients, &unseen);
	tell(&clients, lost, false, plan, ret);
	tell(&clients, remapped, true, plan, &stay);
}

int gs_observe_cut_off(struct gs_sys *sys, const struct gs_names *names, struct gs_plan *plan,
		       struct gs_strs *ret, struct gs_err *err)
{
	GS_AUTO(gs_drain_done) struct gs_drain lost = { 0 }, remapped = { 0 };

	if (sys->offline || !plan->exports.etab_known)
		return 0;
	gs_plan_cut_off(plan, names, &lost, &remapped);
	if (!lost.hosts.n && !remapped.hosts.n)
		return 0;
	if (sys->ops->privs->enter(GS_PHASE_OBSERVE, err) < 0)
		return err->code;
	observe(sys, &lost, &remapped, plan, ret);
	return gs_phase_end(sys, 0, err);
}
