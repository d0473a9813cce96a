/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/doctor/node.h"

#include <string.h>

#include "core/exports/docs.h"
#include "core/exports/nfsd_clients.h"
#include "core/exports/nfsd_offer.h"
#include "core/format/fstab.h"
#include "core/peer/idmap.h"
#include "engine/doctor/gates.h"
#include "engine/observe/common.h"
#include "engine/observe/nfsd_clients.h"
#include "engine/observe/server.h"
#include "engine/phase.h"

enum {
	LINE_BYTES = 4096, /* of a file of the kernel with one value */
	CONF_BYTES = 1 << 20,
	CLIENTS_PART = 2, /* of the time */
	OWNERS_MAX = 16,  /* of the other node, whose accounts are looked for */
};

/* NULL where it is absent, or cannot be read. */
static char *read_text(struct gs_sys *sys, const char *path, size_t max)
{
	gs_autostr struct gs_str text = { 0 };
	struct gs_err unread = { 0 };
	bool exists = false;

	if (sys->ops->fs->read_file(sys, path, max, &text, &exists, &unread) < 0 || !exists)
		return NULL;
	return gs_span_dup(gs_span_trim(gs_str_span(&text)));
}

static char *text_or(char *text, const char *other)
{
	return text ? text : gs_strdup(other);
}

static char *address_or_null(const char *text)
{
	return text && gs_node_is_address(text) ? gs_strdup(text) : NULL;
}

int gs_look_links(struct gs_sys *sys, struct gs_node *node, struct gs_err *err)
{
	GS_AUTO(gs_netaddrs_done) struct gs_netaddrs links = { 0 };

	if (sys->ops->net->links(sys, &links, err) < 0)
		return err->code;
	for (size_t i = 0; i < links.n; i++) {
		struct gs_node_address *address;

		if (!gs_node_is_address(links.v[i].addr))
			continue;
		address = gs_node_add(node, GS_NODE_ADDRESS);
		*address = (struct gs_node_address){
			.addr = gs_strdup(links.v[i].addr),
			.prefix = links.v[i].prefix,
			.interface = gs_strdup(links.v[i].interface),
			.mtu = links.v[i].mtu,
		};
	}
	return 0;
}

/* ---- the leader ------------------------------------------------------------------------------ */

static int look_exports(struct gs_sys *sys, struct gs_node *node, struct gs_err *err)
{
	GS_AUTO(gs_exports_done) struct gs_exports etab = { 0 };
	gs_autostr struct gs_str text = { 0 };

	if (sys->ops->server->active_exports(sys, &text, err) < 0 ||
	    gs_exports_parse(gs_str_span(&text), &etab, err) < 0)
		return err->code;
	for (size_t i = 0; i < etab.n; i++) {
		struct gs_node_export *export = gs_node_add(node, GS_NODE_EXPORT);

		export->path = gs_strdup(etab.entry[i].path);
		export->client = gs_strdup(etab.entry[i].host.text);
	}
	return 0;
}

static void look_nfsd(struct gs_sys *sys, struct gs_node *node)
{
	gs_autofree char *ports = read_text(sys, "/proc/fs/nfsd/portlist", LINE_BYTES);
	GS_AUTO(gs_nfsd_offer_done) struct gs_nfsd_offer offer = { 0 };
	const struct gs_span none = { 0 };

	gs_nfsd_offer_read(none, gs_span_of(ports), none, none, &offer);
	node->port = offer.port;
	node->versions = offer.port ? read_text(sys, "/proc/fs/nfsd/versions", LINE_BYTES) : NULL;
}

static bool wants_none(void *arg, const struct gs_nfs_client *client)
{
	(void)arg, (void)client;
	return false;
}

static int look_clients(struct gs_sys *sys, struct gs_node *node, struct gs_err *err)
{
	const struct gs_clients_req req = { .wants = wants_none, .part = CLIENTS_PART };
	GS_AUTO(gs_nfs_clients_done) struct gs_nfs_clients clients = { 0 };
	GS_AUTO(gs_strs_done) struct gs_strs peers = { 0 };

	if (gs_look_clients(sys, &req, &clients, err) < 0)
		return err->code;
	gs_look_peers(sys, &peers);
	for (size_t i = 0; i < clients.n; i++) {
		const struct gs_nfs_client *seen = &clients.v[i];
		struct gs_node_client *client;

		if (!seen->addr || !gs_node_is_address(seen->addr))
			continue;
		client = gs_node_add(node, GS_NODE_CLIENT);
		*client = (struct gs_node_client){
			.addr = gs_strdup(seen->addr),
			.minor = seen->minor,
			.connected = gs_strs_has(&peers, seen->addr),
			.state = gs_strdup(seen->confirmed ? "confirmed"
					   : seen->lapsed  ? "lapsed"
							   : "unconfirmed"),
			.host = seen->host ? gs_strdup(seen->host) : NULL,
			.name = seen->name ? gs_strdup(seen->name) : NULL,
		};
	}
	return 0;
}

/* A UID without a name is an account of that number: it has none. */
static bool find_account(struct gs_sys *sys, const char *name, struct gs_account *ret)
{
	struct gs_err nobody = { 0 };

	return sys->ops->accounts->find(sys, name, ret, &nobody) == 0;
}

static void add_owner(struct gs_sys *sys, const struct gs_exports *doc, const char *path,
		      struct gs_node *node)
{
	for (size_t i = 0; i < doc->n; i++) {
		const struct gs_exportopts *opts = &doc->entry[i].opts;
		gs_autofree char *number = gs_printf("%u", opts->anonuid);
		GS_AUTO(gs_account_done) struct gs_account account = { 0 };
		struct gs_node_owner *owner;

		if (strcmp(doc->entry[i].path, path) != 0)
			continue;
		owner = gs_node_add(node, GS_NODE_OWNER);
		owner->path = gs_strdup(path);
		owner->uid = opts->anonuid;
		owner->gid = opts->anongid;
		if (find_account(sys, number, &account))
			owner->name = gs_strdup(account.name);
		return;
	}
}

static void look_owners(struct gs_sys *sys, struct gs_node *node)
{
	GS_AUTO(gs_files_done) struct gs_files files = { 0 };
	GS_AUTO(gs_docs_done) struct gs_docs docs = { 0 };
	struct gs_err unread = { 0 };

	if (gs_observe_exports(sys, "/etc/exports", &files, &unread) < 0 ||
	    gs_docs_parse(&files, &docs, &unread) < 0)
		return;
	for (size_t d = 0; d < docs.n; d++)
		for (size_t i = 0; i < docs.v[d].marks; i++)
			add_owner(sys, &docs.v[d], docs.v[d].mark[i].path, node);
}

static void add_account(struct gs_sys *sys, const char *name, struct gs_node *node)
{
	GS_AUTO(gs_account_done) struct gs_account found = { 0 };
	struct gs_node_account *account;

	if (!find_account(sys, name, &found))
		return;
	account = gs_node_add(node, GS_NODE_ACCOUNT);
	account->name = gs_strdup(found.name);
	account->uid = found.uid;
	account->gid = found.gid;
}

void gs_look_accounts(struct gs_sys *sys, const struct gs_node *peer, struct gs_node *here)
{
	for (size_t i = 0; i < peer->owners.n && i < OWNERS_MAX; i++) {
		const struct gs_node_owner *owner = &peer->owners.v[i];
		gs_autofree char *number = gs_printf("%u", (unsigned)owner->uid);

		if (!owner->name)
			continue;
		add_account(sys, owner->name, here);
		add_account(sys, number, here);
	}
}

/* ---- the follower ---------------------------------------------------------------------------- */

static char *option_of(const struct gs_mounted *mount, const char *name)
{
	struct gs_span value = { 0 };

	return gs_mountopt_get(mount->options, name, &value) && value.len ? gs_span_dup(value)
									  : NULL;
}

static uint64_t number_of(const struct gs_mounted *mount, const char *name)
{
	struct gs_span value = { 0 };
	uint64_t number = 0;

	if (gs_mountopt_get(mount->options, name, &value))
		(void)gs_span_number(value, UINT32_MAX, &number);
	return number;
}

static void add_mount(struct gs_sys *sys, const struct gs_mounted *seen, struct gs_node *node)
{
	struct gs_node_mount *mount = gs_node_add(node, GS_NODE_MOUNT);
	gs_autofree char *server = option_of(seen, "addr"), *own = option_of(seen, "clientaddr");
	gs_autofree char *now = own ? NULL : gs_address_towards(sys, seen);

	*mount = (struct gs_node_mount){
		.path = gs_strdup(seen->target),
		.source = gs_strdup(seen->source),
		.server = address_or_null(server),
		.local = address_or_null(own ? own : now),
		.version = option_of(seen, "vers"),
		.security = option_of(seen, "sec"),
		.rsize = number_of(seen, "rsize"),
		.wsize = number_of(seen, "wsize"),
	};
}

static int look_mounts(struct gs_sys *sys, struct gs_node *node, struct gs_err *err)
{
	GS_AUTO(gs_mounts_done) struct gs_mounts mounts = { 0 };

	if (sys->ops->mount->list_nfs(sys, &mounts, err) < 0)
		return err->code;
	for (size_t i = 0; i < mounts.n; i++)
		add_mount(sys, &mounts.v[i], node);
	return 0;
}

/* ---- the whole ------------------------------------------------------------------------------- */

static int look(struct gs_sys *sys, struct gs_node *node, struct gs_err *err)
{
	gs_autofree char *idmap = read_text(sys, "/etc/idmapd.conf", CONF_BYTES);

	node->domain = gs_idmap_domain(gs_span_of(idmap));
	if (gs_look_links(sys, node, err) < 0 || look_exports(sys, node, err) < 0 ||
	    look_clients(sys, node, err) < 0 || look_mounts(sys, node, err) < 0)
		return err->code;
	look_nfsd(sys, node);
	look_owners(sys, node);
	gs_look_client_gates(sys, node);
	return 0;
}

int gs_look_node(struct gs_sys *sys, struct gs_node *ret, struct gs_err *err)
{
	GS_AUTO(gs_node_done)
	struct gs_node node = {
		.name = text_or(read_text(sys, "/proc/sys/kernel/hostname", LINE_BYTES), "(none)"),
		.boot = text_or(read_text(sys, "/proc/sys/kernel/random/boot_id", LINE_BYTES),
				"(none)"),
		.gshare = gs_strdup(PACKAGE_VERSION),
	};

	if (sys->ops->privs->enter(GS_PHASE_OBSERVE, err) < 0 ||
	    gs_phase_end(sys, look(sys, &node, err), err) < 0)
		return err->code;
	node.time_ms = sys->ops->clock->wall_ms(sys);
	*ret = node;
	node = (struct gs_node){ 0 };
	return 0;
}
