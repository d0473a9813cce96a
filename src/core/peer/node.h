/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

/*
 * What a node can say of itself as a leader and as a follower, for another node to compare with
 * what it sees. No secrets: neither what is in a share nor who may log in. Pure; strings owned,
 * NULL where the node does not know.
 */

/** struct gs_node_address - an address that other nodes can know; @mtu: 0: not known */
struct gs_node_address {
	char *addr;
	uint64_t prefix;
	char *interface;
	uint64_t mtu;
};

/** struct gs_node_export - a client of a path, as exportfs has it */
struct gs_node_export {
	char *path, *client;
};

/**
 * struct gs_node_client - a client of nfsd
 * @state:     "confirmed", "lapsed" or "unconfirmed"
 * @connected: 1: a connection from that address is established
 * @host:      the host name in its name; NULL where that is not a Linux kernel's
 */
struct gs_node_client {
	char *addr;
	uint64_t minor, connected;
	char *state, *host, *name;
};

/** struct gs_node_owner - whom followers of gshare's share are mapped to; @name: NULL: no account
 */
struct gs_node_owner {
	char *path;
	uint64_t uid, gid;
	char *name;
};

/** struct gs_node_account - an account of the node that has the name, or the UID, of an owner */
struct gs_node_account {
	char *name;
	uint64_t uid, gid;
};

/**
 * struct gs_node_mount - an NFS mount, by the mount table
 * @server, @local: the address that it is connected to, and this node's own
 */
struct gs_node_mount {
	char *path, *source, *server, *local, *version, *security;
	uint64_t rsize, wsize;
};

/**
 * struct gs_node_gate - what the node's firewall does with a follower that asks for nfsd's port
 * @state: "open", "closed", "denied" or "unknown": gs_gate_name()
 * @said:  what is wrong, as doctor on that node says it; NULL: nothing
 */
struct gs_node_gate {
	char *addr, *state, *said;
};

/** struct gs_node_knock - a server that is asked; @state: "reached", or the cause that it is not */
struct gs_node_knock {
	char *addr;
	uint64_t port;
	char *state;
};

#define GS_NODE_LIST(of)                                                                           \
	struct {                                                                                   \
		struct of *v;                                                                      \
		size_t n, room;                                                                    \
	}

/**
 * struct gs_node - one node; free with gs_node_done()
 * @boot:    the id of its present boot: proc_sys_kernel(5) random/boot_id
 * @time_ms: by its clock, since 1970
 * @port, @versions: of nfsd; 0, NULL: none runs
 * @domain:  of idmapd.conf(5); NULL: not set
 * @left_out: so many facts did not fit into its report: what is not listed may be there
 */
struct gs_node {
	char *name, *boot, *gshare;
	uint64_t time_ms;
	char *domain;
	uint64_t port;
	char *versions;
	uint64_t left_out;
	GS_NODE_LIST(gs_node_address) addresses;
	GS_NODE_LIST(gs_node_export) exports;
	GS_NODE_LIST(gs_node_client) clients;
	GS_NODE_LIST(gs_node_owner) owners;
	GS_NODE_LIST(gs_node_account) accounts;
	GS_NODE_LIST(gs_node_mount) mounts;
	GS_NODE_LIST(gs_node_gate) gates;
	GS_NODE_LIST(gs_node_knock) knocks;
};

/** enum gs_node_what - a kind of fact: a line of a report */
enum gs_node_what {
	GS_NODE_NAME,
	GS_NODE_TIME,
	GS_NODE_IDMAP,
	GS_NODE_NFSD,
	GS_NODE_LEFT_OUT,
	GS_NODE_ADDRESS,
	GS_NODE_EXPORT,
	GS_NODE_CLIENT,
	GS_NODE_OWNER,
	GS_NODE_ACCOUNT,
	GS_NODE_MOUNT,
	GS_NODE_GATE,
	GS_NODE_KNOCK,
	GS_NODE_FACTS,
};

enum { GS_NODE_FIELDS = 8 };

/** struct gs_node_field - @at: in the fact, of a char * or of a uint64_t of at most max */
struct gs_node_field {
	enum { GS_FIELD_END, GS_FIELD_TEXT, GS_FIELD_ADDR, GS_FIELD_NUMBER } kind;
	size_t at;
	uint64_t max;
	bool must; /* a text that is never NULL */
};

/**
 * struct gs_node_fact - a kind of fact, as data: what prints, parses and frees it
 * @is_list: of many, in the array at @v, @n, @room of struct gs_node, each @size bytes; else the
 *           fields are the node's own
 * @most:    of a list: so many are reported and read, so that comparing two nodes ends soon
 */
struct gs_node_fact {
	const char *word;
	bool is_list;
	size_t v, n, room, size, most;
	struct gs_node_field field[GS_NODE_FIELDS + 1];
};

extern const struct gs_node_fact gs_node_facts[GS_NODE_FACTS];

/** gs_node_count - how many facts of that kind there are: 1 of one that is no list */
size_t gs_node_count(const struct gs_node *node, enum gs_node_what what);

/** gs_node_at - a fact of that kind, which its fields lie in */
const void *gs_node_at(const struct gs_node *node, enum gs_node_what what, size_t i);

/** gs_node_add - one more fact of that kind, empty; of one that is no list the node itself */
void *gs_node_add(struct gs_node *node, enum gs_node_what what);

void gs_node_done(struct gs_node *node);

/** gs_node_is_address - is it an address, spelled as in a report? */
bool gs_node_is_address(const char *text);

/** gs_node_has - is it an address of the node? */
bool gs_node_has(const struct gs_node *node, const char *addr);

/** gs_node_address - the first with that address; NULL: none */
const struct gs_node_address *gs_node_address(const struct gs_node *node, const char *addr);
