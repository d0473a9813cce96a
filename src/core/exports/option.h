/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

/*
 * The options of exports(5): one table, used to read, compare and edit lists.
 * Source: exports(5) "General Options"; nfs-utils support/nfs/exports.c parseopts(), whose
 * parsing is followed exactly, with the per-flavour flags of sec=.
 */

enum {
	GS_ANON_ID = 65534,  /* exports(5): the default of anonuid and anongid */
	GS_SEC_FLAVORS = 5,  /* sys, none, krb5, krb5i, krb5p: unix is sys, null is none */
	GS_XPRTSEC_MODES = 3 /* none, tls, mtls */
};

enum gs_access { GS_ACCESS_RW, GS_ACCESS_RO };

enum gs_squash { GS_SQUASH_ALL, GS_SQUASH_ROOT, GS_SQUASH_NONE };

/* gshare's own numbers, not the kernel's; a set bit is the first word of each pair. */
enum gs_exportflag {
	GS_EXPORT_RO = 1 << 0,		    /* ro, rw */
	GS_EXPORT_ASYNC = 1 << 1,	    /* async, sync */
	GS_EXPORT_WDELAY = 1 << 2,	    /* wdelay, no_wdelay */
	GS_EXPORT_NOHIDE = 1 << 3,	    /* nohide, hide */
	GS_EXPORT_CROSSMNT = 1 << 4,	    /* crossmnt, nocrossmnt */
	GS_EXPORT_INSECURE = 1 << 5,	    /* insecure, secure */
	GS_EXPORT_ROOT_SQUASH = 1 << 6,	    /* root_squash, no_root_squash */
	GS_EXPORT_ALL_SQUASH = 1 << 7,	    /* all_squash, no_all_squash */
	GS_EXPORT_SUBTREE_CHECK = 1 << 8,   /* subtree_check, no_subtree_check */
	GS_EXPORT_INSECURE_LOCKS = 1 << 9,  /* insecure_locks, secure_locks; no_auth_nlm */
	GS_EXPORT_NO_ACL = 1 << 10,	    /* no_acl, acl */
	GS_EXPORT_PNFS = 1 << 11,	    /* pnfs, no_pnfs */
	GS_EXPORT_NORDIRPLUS = 1 << 12,	    /* nordirplus */
	GS_EXPORT_SECURITY_LABEL = 1 << 13, /* security_label */
	GS_EXPORT_SIGN_FH = 1 << 14,	    /* sign_fh */
	GS_EXPORT_DEFAULTS = GS_EXPORT_RO | GS_EXPORT_WDELAY | GS_EXPORT_ROOT_SQUASH,
	/* flags that may differ between the flavours of one export */
	GS_EXPORT_BY_FLAVOR = GS_EXPORT_RO | GS_EXPORT_ROOT_SQUASH | GS_EXPORT_ALL_SQUASH |
			      GS_EXPORT_INSECURE,
};

/** struct gs_exportflag_words - names of a flag; @clear: of its opposite; NULL: it has none */
struct gs_exportflag_words {
	unsigned flag;
	const char *set, *clear;
};

/** gs_exportopt_flag - the i-th flag, in the order in which they are written; false: none */
bool gs_exportopt_flag(size_t i, struct gs_exportflag_words *ret);

/**
 * struct gs_exportopts - the meaning of an option list, defaults applied
 * @is_set: false in the all-zero value, which means the defaults
 * @sec:    flavours in order, each with its own flags; none means sys with the flags above
 * @uuid, @mountpoint …: NULL where not given; owned
 */
struct gs_exportopts {
	bool is_set;
	unsigned flags; /* enum gs_exportflag */
	uint32_t anonuid, anongid;
	bool has_fsid;
	uint32_t fsid; /* "root" is 0 */
	char *uuid;    /* fsid=UUID, as written */
	struct {
		const char *name; /* canonical, static: "sys", "krb5" … */
		unsigned flags;
	} sec[GS_SEC_FLAVORS];
	unsigned sec_n;
	const char *xprtsec[GS_XPRTSEC_MODES];
	unsigned xprtsec_n;
	char *mountpoint; /* "" where no path is given */
	char *refer, *replicas;
	char *squash_uids, *squash_gids;
	char *reexport;
};

/** struct gs_exportspec - the options that gshare wants of an entry */
struct gs_exportspec {
	enum gs_access access;
	enum gs_squash squash;
	uint32_t anonuid, anongid; /* ignored with GS_SQUASH_NONE */
	bool subtree_check;
	bool crossmnt;	  /* false: what an existing entry has stays */
	const char *fsid; /* borrowed; NULL where the file system needs none */
	bool mountpoint;  /* of a new entry; an existing one keeps what it has */
};

/**
 * gs_exportopts_parse - an option list without its parentheses
 * @list: quotes and octal escapes already undone (see exports.h)
 * @base: the options of the line's -defaults, or NULL
 * @out:  filled on success, untouched on failure; free with gs_exportopts_done()
 * Errors: -EINVAL where exportfs stops and drops the rest of the file (unknown option, bad
 * number), id EXPORTS_OPTION_UNKNOWN or EXPORTS_OPTION_BAD; -ERANGE where it goes on with another
 * value than is written, id EXPORTS_NUMBER_WRAPS, _OPTION_BLANK or _FSID_TWICE.
 * Options of later nfs-utils than 2.6.2 (reexport, xprtsec, sign_fh) are accepted here; this
 * machine's exportfs may still reject them.
 */
int gs_exportopts_parse(struct gs_span list, const struct gs_exportopts *base,
			struct gs_exportopts *out, struct gs_err *err);
void gs_exportopts_copy(const struct gs_exportopts *from, struct gs_exportopts *to); /* to: empty */
void gs_exportopts_done(struct gs_exportopts *opts);

/** gs_exportopts_is_same - do both mean the same to the server, also fsid and flavours? */
bool gs_exportopts_is_same(const struct gs_exportopts *a, const struct gs_exportopts *b);

/**
 * gs_exportopts_difference - add the first difference: "rw, not ro"; adds nothing if there is none
 * @is: what is found; @want: what was predicted. Returns true if they differ. @out may be NULL.
 */
bool gs_exportopts_difference(const struct gs_exportopts *is, const struct gs_exportopts *want,
			      struct gs_str *out);

/**
 * gs_exportopts_grows - does the change allow anything that was not allowed before?
 * Only ro and subtree_check take something away; every other difference counts, since a client that
 * is mapped to another user can write where it could not. @out: gets the difference, as above.
 */
bool gs_exportopts_grows(const struct gs_exportopts *before, const struct gs_exportopts *after,
			 struct gs_str *out);

/* The access of a client with sec=sys; with the first flavour where sys is not offered. */
enum gs_access gs_exportopts_access(const struct gs_exportopts *opts);
enum gs_squash gs_exportopts_squash(const struct gs_exportopts *opts);

/** gs_exportopts_spec - the spec that these options fulfil; its fsid is written to *ret_fsid */
void gs_exportopts_spec(const struct gs_exportopts *opts, struct gs_exportspec *ret_spec,
			struct gs_str *ret_fsid);

/**
 * gs_exportopts_render_managed - the option list of a managed entry
 * "rw,sync,no_subtree_check,all_squash,anonuid=U,anongid=G", with root_squash for ROOT, ending
 * in "no_root_squash" for NONE; ",fsid=F" last if the spec has one.
 */
void gs_exportopts_render_managed(const struct gs_exportspec *spec, struct gs_str *out);

/**
 * gs_exportopts_carry - the options that a new entry beside this one needs, so that a client which
 * this one serves is served the same way
 * insecure, nohide, sec= and their like, which decide whether and how a client gets in and what it
 * reaches; not what a spec says, and not async. Nothing where the flavours of sec=
 * differ in more than their names.
 */
void gs_exportopts_carry(const struct gs_exportopts *opts, struct gs_str *out);

/**
 * gs_exportopts_edit - make a hand-written list fulfil a spec
 * @old:  the list, quotes and escapes undone; @base: the line's defaults or NULL
 * @out:  gets the list; the bytes of @old where nothing had to change
 * Changes options in place and appends missing ones; all others keep their place and spelling.
 * Options outside of the spec stay: async, insecure, sec=; an fsid when none is specified;
 * root_squash either way under GS_SQUASH_ALL. Errors: as gs_exportopts_parse(); -ENOTSUP where the
 * flavours of the -defaults make the edit impossible.
 */
int gs_exportopts_edit(struct gs_span old, const struct gs_exportopts *base,
		       const struct gs_exportspec *spec, struct gs_str *out, struct gs_err *err);

/**
 * struct gs_exportitem - one option in a list
 * @flag: the flag it sets or clears, 0 if none; @opposite: its opposite, NULL if none
 * @risk: one clause on the risk of the option ("async", "insecure" …), or NULL
 */
struct gs_exportitem {
	struct gs_span all, name, value;
	unsigned flag;
	bool sets;
	const char *opposite, *risk;
};

/**
 * gs_exportopts_next - take the next option off a list; false at its end
 * The spans point into the list. Blanks before an option are skipped, those after belong to it.
 */
bool gs_exportopts_next(struct gs_span *rest, struct gs_exportitem *ret_item);

/** gs_access_name - "ro" */
const char *gs_access_name(enum gs_access access);
