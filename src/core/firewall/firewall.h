/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "core/exports/host.h"
#include "core/firewall/opening.h"
#include "core/firewall/way_in.h"

/*
 * The firewalls of a leader, one row each: what is read of it, whether a follower's packets get in,
 * and which command adds a rule or removes one of gshare's. Pure: engine/observe/firewall.h reads
 * what the row names, engine/step/firewall.c runs the commands.
 *
 * A new row is a file here, with one line in the table of firewalls.c. A row that only looks has no
 * command(): what it finds closed is told with the fix that it prints.
 */

/**
 * struct gs_firewall_read - one text that a row is judged by: a file, or what a program prints
 * @argv: its first word is the program, absolute; NULL at the end. A program that is not there, or
 *        that fails, leaves the text empty
 * @must: without it the rules are not known
 */
struct gs_firewall_read {
	const char *file;
	const char *const *argv;
	bool must;
};

enum { GS_FIREWALL_READS = 6 };

/** enum gs_charge - is this firewall in charge of the machine? */
enum gs_charge {
	GS_CHARGE_NOT,
	GS_CHARGE_LATER, /* not now: its rules are kept for when it is enabled */
	GS_CHARGE_NOW,
};

/**
 * struct gs_firewall - what was read of the one that is in charge; owned
 * @kind:   NULL: not looked at
 * @text:   as kind->reads names them; @known: that one was read
 * @unread: why the rules are not known; NULL: they are
 * @hidden: this user may not know them
 * @loaded: what the kernel has, of whatever firewall; @knows_loaded: all of it could be read
 * @unlisted: it could not, and what the row says of now is all that is known
 */
struct gs_firewall {
	const struct gs_firewall_kind *kind;
	enum gs_charge charge;
	struct gs_str text[GS_FIREWALL_READS];
	bool known[GS_FIREWALL_READS];
	char *unread;
	bool hidden;
	struct gs_ruleset loaded;
	bool knows_loaded, unlisted;
};

void gs_firewall_done(struct gs_firewall *firewall);

/** enum gs_gate - what becomes of a new connection to the NFS port */
enum gs_gate {
	GS_GATE_UNKNOWN,
	GS_GATE_OPEN,
	GS_GATE_CLOSED, /* no rule is about it, and the rest is dropped or rejected */
	GS_GATE_DENIED, /* a rule drops or rejects it */
};

/** gs_gate_name - "unknown", "open", "closed", "denied" */
const char *gs_gate_name(enum gs_gate gate);

/** struct gs_knock - a new TCP connection to the NFS server; borrowed */
struct gs_knock {
	const struct gs_hostspec *host; /* where it comes from: an address or a network */
	const char *interface;		/* by which it comes; NULL: not known */
	unsigned port;
	const char *to; /* this host's address that it is sent to; NULL: not known */
};

/**
 * struct gs_verdict - what a firewall does with a knock; owned
 * @now:  by the rules that are loaded; @kept: by those that are read at boot, or once enabled
 * @rule: the rule of others that denies or admits it, as its tool shows it; empty: none is known.
 *        Untrusted
 * @is_ours: that rule has a tag of gshare's
 * @is_same: the rule that gshare would add is there without a tag of gshare's
 * @is_stale: a rule that is kept would admit it, and is not loaded
 * @opening: zone and level as an opening for it must have them; the zone borrows from the firewall
 */
struct gs_verdict {
	enum gs_gate now, kept;
	struct gs_str rule;
	bool is_ours, is_same, is_stale;
	struct gs_str zone;
	int level;
};

void gs_verdict_done(struct gs_verdict *verdict);

enum { GS_FIREWALL_WORDS = 24 };

/**
 * struct gs_firewall_kind - a firewall
 * @name:    its own, also in the journal
 * @program: without it the row is not looked at; absolute. NULL: always looked at
 * @process: it is not running without a process of this name; NULL: it needs none
 * @reads:   at most GS_FIREWALL_READS, ended by a row without file and argv
 * @asks:    it is changed only where the administrator names it: --firewall
 * @one_rule: it has one rule of a kind for a host: shares have it in turn, with one tag
 * @charge:  by what was read
 * @makes_sense: is what the programs printed theirs? NULL: nothing is asked of it
 * @judge:   @ret is zeroed before
 * @openings: every rule with a tag of gshare's; NULL: it never has one
 * @command: the i-th command that adds the rule, or removes it: words, NULL after the last. False:
 *           there is no further one. NULL: gshare does not change it
 * @zones:   each place that needs a rule before the knock gets in; NULL: the verdict's zone does
 * @file:    number of the read that a boot loads the rule's place from; GS_FIREWALL_READS: none
 * @keep:    a file that is loaded at boot with the rule in it, or without it; @ret_text is empty on
 *           entry. False: no file is, or it needs no change. NULL: the commands do that, too
 * @fix:     where gshare cannot: words of a command for an administrator; NULL: none is known
 */
struct gs_firewall_kind {
	const char *name, *program, *process;
	const struct gs_firewall_read *reads;
	bool asks, one_rule;
	enum gs_charge (*charge)(const struct gs_firewall *);
	bool (*makes_sense)(const struct gs_firewall *);
	void (*judge)(const struct gs_firewall *, const struct gs_knock *, struct gs_verdict *ret);
	void (*openings)(const struct gs_firewall *, struct gs_openings *ret);
	bool (*command)(const struct gs_opening *, bool removes, size_t i, struct gs_strs *ret);
	void (*zones)(const struct gs_firewall *, const struct gs_knock *, struct gs_strs *ret);
	size_t (*file)(const struct gs_firewall *, const struct gs_opening *);
	bool (*keep)(const struct gs_firewall *, const struct gs_opening *, bool removes,
		     size_t *ret_read, struct gs_str *ret_text);
	void (*fix)(const struct gs_firewall *, const struct gs_knock *, const struct gs_verdict *,
		    struct gs_str *out);
};

/* The rows, each in a file of its own. */
extern const struct gs_firewall_kind gs_firewall_ufw, gs_firewall_firewalld, gs_firewall_iptables,
	gs_firewall_nft, gs_firewall_none;

/** gs_firewall_at - the rows in the order in which they are looked for; NULL after the last */
const struct gs_firewall_kind *gs_firewall_at(size_t i);

/** gs_firewall_find - by its name in the journal; NULL: there is none */
const struct gs_firewall_kind *gs_firewall_find(const char *name);

/** gs_firewall_judge - the verdict; UNKNOWN where nothing was looked at, or for a name */
void gs_firewall_judge(const struct gs_firewall *firewall, const struct gs_knock *knock,
		       struct gs_verdict *ret);

/** gs_firewall_packet - the knock as rules see it; false: its host is no address */
bool gs_firewall_packet(const struct gs_knock *knock, struct gs_nf_packet *ret);

/** gs_firewall_way - what these rules do with the knock; false: its host is no address */
bool gs_firewall_way(const struct gs_ruleset *rules, const struct gs_knock *knock,
		     struct gs_way_in *ret);

/** gs_firewall_gate_of - the same as a gate; UNKNOWN where it is unclear */
enum gs_gate gs_firewall_gate_of(const struct gs_way_in *way);

/** gs_firewall_gate - both halves of a verdict in one: the worse one */
enum gs_gate gs_firewall_gate(const struct gs_verdict *verdict);

/** gs_firewall_file - the file that has to get the rule for a boot; NULL: none is known */
const char *gs_firewall_file(const struct gs_firewall *firewall, const struct gs_opening *opening);

/** gs_firewall_openings - the rules of gshare's; none where nothing was looked at */
void gs_firewall_openings(const struct gs_firewall *firewall, struct gs_openings *ret);

/** gs_opening_command - the commands that add or remove a rule, as a shell takes them */
void gs_opening_command(const struct gs_opening *opening, bool removes, struct gs_str *out);
