/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/peer/node.h"

#include <stdlib.h>
#include <string.h>

#include "core/exports/host.h"

#define TEXT(type, member)                                                                         \
	{                                                                                          \
		GS_FIELD_TEXT, offsetof(struct type, member), 0, false                             \
	}
#define MUST(type, member)                                                                         \
	{                                                                                          \
		GS_FIELD_TEXT, offsetof(struct type, member), 0, true                              \
	}
#define ADDR(type, member)                                                                         \
	{                                                                                          \
		GS_FIELD_ADDR, offsetof(struct type, member), 0, true                              \
	}
#define MAYBE(type, member)                                                                        \
	{                                                                                          \
		GS_FIELD_ADDR, offsetof(struct type, member), 0, false                             \
	}
#define NUMBER(type, member, most)                                                                 \
	{                                                                                          \
		GS_FIELD_NUMBER, offsetof(struct type, member), most, true                         \
	}
#define LIST(v, n, room)                                                                           \
	true, offsetof(struct gs_node, v), offsetof(struct gs_node, n),                            \
		offsetof(struct gs_node, room)
#define ONE false, 0, 0, 0, 0, 1

enum { FEW = 256, MANY = 4096 };

#define TIME_MAX_MS UINT64_C(32503680000000) /* the year 3000 */

const struct gs_node_fact gs_node_facts[GS_NODE_FACTS] = {
	[GS_NODE_NAME] = { "node",
			   ONE,
			   { MUST(gs_node, name), MUST(gs_node, boot), MUST(gs_node, gshare) } },
	[GS_NODE_TIME] = { "time", ONE, { NUMBER(gs_node, time_ms, TIME_MAX_MS) } },
	[GS_NODE_IDMAP] = { "idmap", ONE, { TEXT(gs_node, domain) } },
	[GS_NODE_NFSD] = { "nfsd", ONE, { NUMBER(gs_node, port, 65535), TEXT(gs_node, versions) } },
	[GS_NODE_LEFT_OUT] = { "left-out", ONE, { NUMBER(gs_node, left_out, UINT32_MAX) } },
	[GS_NODE_ADDRESS] = { "address",
			      LIST(addresses.v, addresses.n, addresses.room),
			      sizeof(struct gs_node_address),
			      FEW,
			      { ADDR(gs_node_address, addr), NUMBER(gs_node_address, prefix, 128),
				MUST(gs_node_address, interface),
				NUMBER(gs_node_address, mtu, UINT32_MAX) } },
	[GS_NODE_EXPORT] = { "export",
			     LIST(exports.v, exports.n, exports.room),
			     sizeof(struct gs_node_export),
			     MANY,
			     { MUST(gs_node_export, path), MUST(gs_node_export, client) } },
	[GS_NODE_CLIENT] = { "client",
			     LIST(clients.v, clients.n, clients.room),
			     sizeof(struct gs_node_client),
			     MANY,
			     { ADDR(gs_node_client, addr), NUMBER(gs_node_client, minor, 9),
			       NUMBER(gs_node_client, connected, 1), MUST(gs_node_client, state),
			       TEXT(gs_node_client, host), TEXT(gs_node_client, name) } },
	[GS_NODE_OWNER] = { "owner",
			    LIST(owners.v, owners.n, owners.room),
			    sizeof(struct gs_node_owner),
			    FEW,
			    { MUST(gs_node_owner, path), NUMBER(gs_node_owner, uid, UINT32_MAX),
			      NUMBER(gs_node_owner, gid, UINT32_MAX), TEXT(gs_node_owner, name) } },
	[GS_NODE_ACCOUNT] = { "account",
			      LIST(accounts.v, accounts.n, accounts.room),
			      sizeof(struct gs_node_account),
			      FEW,
			      { MUST(gs_node_account, name),
				NUMBER(gs_node_account, uid, UINT32_MAX),
				NUMBER(gs_node_account, gid, UINT32_MAX) } },
	[GS_NODE_MOUNT] = { "mount",
			    LIST(mounts.v, mounts.n, mounts.room),
			    sizeof(struct gs_node_mount),
			    FEW,
			    { MUST(gs_node_mount, path), MUST(gs_node_mount, source),
			      MAYBE(gs_node_mount, server), MAYBE(gs_node_mount, local),
			      TEXT(gs_node_mount, version), TEXT(gs_node_mount, security),
			      NUMBER(gs_node_mount, rsize, UINT32_MAX),
			      NUMBER(gs_node_mount, wsize, UINT32_MAX) } },
	[GS_NODE_GATE] = { "gate",
			   LIST(gates.v, gates.n, gates.room),
			   sizeof(struct gs_node_gate),
			   FEW,
			   { ADDR(gs_node_gate, addr), MUST(gs_node_gate, state),
			     TEXT(gs_node_gate, said) } },
	[GS_NODE_KNOCK] = { "knock",
			    LIST(knocks.v, knocks.n, knocks.room),
			    sizeof(struct gs_node_knock),
			    FEW,
			    { ADDR(gs_node_knock, addr), NUMBER(gs_node_knock, port, 65535),
			      MUST(gs_node_knock, state) } },
};

/* ---- one of them ----------------------------------------------------------------------------- */

static size_t number_at(const void *base, size_t at)
{
	size_t n;

	memcpy(&n, (const char *)base + at, sizeof n);
	return n;
}

static char *list_of(const struct gs_node *node, const struct gs_node_fact *fact)
{
	char *v;

	memcpy(&v, (const char *)node + fact->v, sizeof v);
	return v;
}

size_t gs_node_count(const struct gs_node *node, enum gs_node_what what)
{
	const struct gs_node_fact *fact = &gs_node_facts[what];

	return fact->is_list ? number_at(node, fact->n) : 1;
}

const void *gs_node_at(const struct gs_node *node, enum gs_node_what what, size_t i)
{
	const struct gs_node_fact *fact = &gs_node_facts[what];

	return fact->is_list ? list_of(node, fact) + i * fact->size : (const void *)node;
}

void *gs_node_add(struct gs_node *node, enum gs_node_what what)
{
	const struct gs_node_fact *fact = &gs_node_facts[what];
	size_t n, room;

	if (!fact->is_list)
		return node;
	n = number_at(node, fact->n);
	room = number_at(node, fact->room);
	gs_grow((char *)node + fact->v, n, &room, fact->size);
	memcpy((char *)node + fact->room, &room, sizeof room);
	n++;
	memcpy((char *)node + fact->n, &n, sizeof n);
	return list_of(node, fact) + (n - 1) * fact->size;
}

/* ---- their end ------------------------------------------------------------------------------- */

static void free_texts(const struct gs_node_fact *fact, const void *base)
{
	for (const struct gs_node_field *f = fact->field; f->kind; f++) {
		char *text;

		if (f->kind == GS_FIELD_NUMBER)
			continue;
		memcpy(&text, (const char *)base + f->at, sizeof text);
		free(text);
	}
}

void gs_node_done(struct gs_node *node)
{
	for (enum gs_node_what what = 0; what < GS_NODE_FACTS; what++) {
		const struct gs_node_fact *fact = &gs_node_facts[what];

		for (size_t i = 0; i < gs_node_count(node, what); i++)
			free_texts(fact, gs_node_at(node, what, i));
		if (fact->is_list)
			free(list_of(node, fact));
	}
	*node = (struct gs_node){ 0 };
}

/* ---- addresses ------------------------------------------------------------------------------- */

bool gs_node_is_address(const char *text)
{
	GS_AUTO(gs_hostspec_done) struct gs_hostspec host = { 0 };

	gs_hostspec_read(gs_span_of(text), &host);
	return host.kind == GS_HOST_ADDR && !strcmp(host.text, text);
}

const struct gs_node_address *gs_node_address(const struct gs_node *node, const char *addr)
{
	for (size_t i = 0; addr && i < node->addresses.n; i++)
		if (!strcmp(node->addresses.v[i].addr, addr))
			return &node->addresses.v[i];
	return NULL;
}

bool gs_node_has(const struct gs_node *node, const char *addr)
{
	return gs_node_address(node, addr);
}
