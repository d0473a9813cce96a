/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/types.h"
#include "core/exports/docs.h"
#include "core/exports/nfsd_offer.h"

/*
 * doctor --audit: what works, and gives more than was meant. Whatever a status tells already, as
 * SQUASH_NONE, EXPORT_WIDE and EXPORT_ESCAPE, is not told here again.
 */

/* ---- an export ---------------------------------------------------------------------------- */

/** struct gs_audit_demands - an entry of this server that demands it of its client; NULL: none */
struct gs_audit_demands {
	const struct gs_export *krb5, *tls;
};

/** gs_audit_demands - the first such entries of all lists */
void gs_audit_demands(const struct gs_exports *all, size_t n, struct gs_audit_demands *ret);

/** gs_audit_is_open - is there anything to tell of an entry? */
bool gs_audit_is_open(const struct gs_export *entry, const struct gs_audit_demands *demands);

/**
 * struct gs_audit_entry_fact - one client of one path; borrowed
 * @file:     that lists it, with @number, its line there; NULL: none does
 * @has_word: "insecure" is written in that client's own list
 * @sec_word: an option of that list, by which sec= can be set for this client alone; NULL: none
 * @lacks:    what others are asked for, and this client is not
 */
struct gs_audit_entry_fact {
	const char *path, *host;
	const struct gs_exportopts *opts;
	const char *file;
	size_t number;
	bool has_word;
	const char *sec_word;
	struct gs_audit_demands lacks;
};

/** gs_audit_entry - the facts of an active entry; @ret_word: owned text of sec_word */
void gs_audit_entry(const struct gs_export *entry, const struct gs_audit_demands *demands,
		    const struct gs_files *files, const struct gs_docs *docs,
		    struct gs_audit_entry_fact *ret, char **ret_word);

/* ---- the server --------------------------------------------------------------------------- */

/**
 * struct gs_audit_server_fact - what the server offers beside what followers need; borrowed
 * @rpcbind:  an address beyond this node itself that rpcbind listens on; NULL: none
 * @needs_v3: a mount of this node is of NFS 3, whose locks need rpcbind
 * @version:  of nfs-utils, "2.6.2"; NULL: not known
 */
struct gs_audit_server_fact {
	const struct gs_nfsd_offer *offer;
	bool has_systemd, needs_v3;
	const char *rpcbind, *version;
};

/** gs_audit_rpcbind - an address in /proc/net/tcp or tcp6 that hosts reach rpcbind by; or "" */
void gs_audit_rpcbind(struct gs_span sockets, struct gs_str *ret_addr);

/** gs_audit_version - the version in what a program of nfs-utils says of itself; owned, or NULL */
char *gs_audit_version(struct gs_span said);

/* ---- what is in a share ------------------------------------------------------------------- */

enum gs_audit_kind {
	GS_AUDIT_SETUID = 1,
	GS_AUDIT_DEVICE,
	GS_AUDIT_SECRET,
	GS_AUDIT_POSTGRES, /* the version file of a cluster's directory */
	GS_AUDIT_KINDS,
};

enum {
	GS_AUDIT_DEPTH = 3, /* as find -maxdepth */
	GS_AUDIT_EYES = 8,
};

/**
 * struct gs_audit_eyes - whom an export lets in
 * @squash: the least of its entries; of ALL, followers are one of these users
 */
struct gs_audit_eyes {
	enum gs_squash squash;
	struct gs_account who[GS_AUDIT_EYES];
	size_t n;
};

/** gs_audit_look - add an entry's clients */
void gs_audit_look(const struct gs_exportopts *opts, struct gs_audit_eyes *eyes);

/** gs_audit_grants - may one of them do that with an inode? @want: GS_MAY_*, by mode and ACL */
bool gs_audit_grants(const struct gs_audit_eyes *eyes, const struct gs_inode *inode, unsigned want);

/** gs_audit_enters - can followers search the directory, and is it near enough to the top? */
bool gs_audit_enters(const struct gs_audit_eyes *eyes, const struct gs_entry *entry);

/** gs_audit_finds - an enum gs_audit_kind; 0: nothing of interest, or out of followers' reach */
unsigned gs_audit_finds(const struct gs_audit_eyes *eyes, const struct gs_entry *entry);

/** struct gs_audit_hit - absolute path; borrowed */
struct gs_audit_hit {
	const char *path;
	unsigned kind;
	bool is_block;
};

/**
 * struct gs_audit_tree_fact - what was found, of one kind; borrowed
 * @cut: the search ended after so many entries; 0: it came to its end. Then kind is 0.
 */
struct gs_audit_tree_fact {
	const char *share;
	const struct gs_audit_eyes *eyes;
	unsigned kind;
	const struct gs_audit_hit *hit;
	size_t n, cut;
};

/* ---- a mount ------------------------------------------------------------------------------ */

/** struct gs_audit_mount_fact - an NFS mount; @number: of its line in fstab, 0: it has none */
struct gs_audit_mount_fact {
	const struct gs_mounted *mount;
	size_t number;
};
