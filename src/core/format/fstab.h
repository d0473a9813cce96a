/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"
#include "core/format/textdoc.h"

/*
 * fstab(5), read as libmount reads it and edited without changing a byte of other lines.
 *
 * An entry is managed when its options hold x-gshare.id=, or when the line directly above it is
 * "# gshare mount TARGET" and names its target. A marker with another target does not count:
 * another line was inserted between the marker and its entry.
 */

/**
 * struct gs_fstab_entry - one line that mounts something; all strings owned by the gs_fstab
 * @line:    index in the text document
 * @number:  line in the file, from 1; 0 for a line that was added
 * @source:  unescaped
 * @target:  unescaped, repeated and trailing slashes dropped (except of "/")
 * @options: unescaped, "" where the field is missing
 * @passno:  like @freq 0 where missing
 */
struct gs_fstab_entry {
	size_t line;
	size_t number;
	char *source;
	char *target;
	char *type;
	char *options;
	int freq;
	int passno;
	bool managed;
};

/** struct gs_fstab_broken - a line that mount(8) reports and ignores; @why is static text */
struct gs_fstab_broken {
	size_t line;
	size_t number;
	const char *why;
};

struct gs_fstab {
	struct gs_textdoc text;
	struct gs_fstab_entry *entry; /* in the order of the file */
	size_t n, room;
	struct gs_fstab_broken *broken;
	size_t n_broken, broken_room;
};

/** struct gs_fstab_spec - the entry to be written; unescaped, all borrowed, none empty */
struct gs_fstab_spec {
	const char *source; /* such as 192.168.18.13:/mnt/data/shared or [fd00::1]:/path */
	const char *target; /* absolute */
	const char *type;
	const char *options;
};

/**
 * gs_fstab_parse - split fstab(5) text into entries
 * @fstab: filled on success, untouched on failure; free with gs_fstab_done()
 *
 * Fields are separated by spaces and tabs; quotes mean nothing; a backslash and three octal
 * digits are one byte, any byte (glibc's getmntent knows \040 \011 \012 \134 only); text after
 * the sixth field is ignored; a carriage return before the newline is no text.
 * Broken lines are no error: they are listed.
 * Errors: -EFBIG as gs_textdoc_parse(). A NUL byte is kept; editing such a text is -EILSEQ.
 * Source: fstab(5); libmount/src/tab_parse.c mnt_parse_table_line(), lib/mangle.c.
 */
int gs_fstab_parse(struct gs_span text, struct gs_fstab *fstab, struct gs_err *err);
void gs_fstab_done(struct gs_fstab *fstab);
void gs_fstab_render(const struct gs_fstab *fstab, struct gs_str *out);

/**
 * gs_fstab_find - the first entry for a target, NULL if none
 * gs_fstab_find_managed - the first managed entry for a target, for any if target is NULL
 * Repeated and trailing slashes in target are ignored. Valid until the next edit.
 */
const struct gs_fstab_entry *gs_fstab_find(const struct gs_fstab *fstab, const char *target);
const struct gs_fstab_entry *gs_fstab_find_managed(const struct gs_fstab *fstab,
						   const char *target);

/** gs_fstab_has_all - is there an entry for each of the targets? */
bool gs_fstab_has_all(const struct gs_fstab *fstab, const struct gs_strs *targets);

/**
 * gs_fstab_set - make the managed entry for spec->target as specified
 *
 * A managed entry is changed in place: only the fields that differ; its spacing, freq and passno
 * are kept; further managed entries for the target are dropped (mount(8) takes the first).
 * Without one, a marker line and the entry are added at the end, ended by "\n".
 * @ret_changed: false when the text had that entry already
 * Errors, with nothing changed: -EEXIST where an entry of others has the target (the message
 * holds its line), -EINVAL for a spec that fstab cannot hold, -EILSEQ for a NUL byte.
 */
int gs_fstab_set(struct gs_fstab *fstab, const struct gs_fstab_spec *spec, bool *ret_changed,
		 struct gs_err *err);

/**
 * gs_fstab_adopt - make entry k a managed one: a marker line goes above it
 * Errors: -EILSEQ for a NUL byte.
 */
int gs_fstab_adopt(struct gs_fstab *fstab, size_t k, struct gs_err *err);

/**
 * gs_fstab_remove - drop every managed entry for a target, with its marker
 * @ret_changed: false where there is none; entries of others stay
 * Errors: -EILSEQ for a NUL byte.
 */
int gs_fstab_remove(struct gs_fstab *fstab, const char *target, bool *ret_changed,
		    struct gs_err *err);

/** gs_fstab_add_field - text as a field of an entry: what would end it is escaped */
void gs_fstab_add_field(const char *text, struct gs_str *out);

/**
 * gs_mountopt_get - the value of the first option of that name in a comma list
 * @options: unescaped, as in gs_fstab_entry; NULL is the empty list
 * @ret_value: borrowed from options, without a pair of double quotes around it; empty for an
 *	option without "="
 * Inside double quotes a comma does not separate; a backslash escapes nothing.
 * Source: compared with libmount 2.38 mnt_optstr_get_option(); newer ones know \" and \, too.
 */
bool gs_mountopt_get(const char *options, const char *name, struct gs_span *ret_value);
bool gs_mountopt_has(const char *options, const char *name);

/** gs_mountopt_at_boot - is an entry with these options mounted at boot, or at the first access? */
bool gs_mountopt_at_boot(const char *options);

/** gs_mountopt_is_for_fstab - is the option for mount(8) and systemd, not for the kernel? */
bool gs_mountopt_is_for_fstab(struct gs_span option);

/** gs_mountopt_port - the port of the server, by the option port=: 2049 where it has none, or 0 */
unsigned gs_mountopt_port(const char *options);

/**
 * gs_mountopt_security - how a mount is secured beyond AUTH_SYS in clear: "sec=krb5p,xprtsec=tls"
 * Empty: not at all.
 */
void gs_mountopt_security(const char *options, struct gs_str *out);

/** gs_mountopt_next - take the first option off a list; false at its end, and if a quote is left
 * open */
bool gs_mountopt_next(struct gs_span *rest, struct gs_span *ret_option);
