/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "base/str.h"

/*
 * Commands that gshare prints for users to run. Every one is built here, word by word, and
 * every word enters as gs_str_add_word() quotes it: what a server, a file or a user chose is one
 * argument and never a part of the command. tests/run-commands.sh finds what is built elsewhere.
 */

/* A word that is NULL is left out: COND ? "--ro" : NULL. The compiler checks that all are text. */
#define GS_WORDS(...)                                                                              \
	(const char *const[]){ __VA_ARGS__ },                                                      \
		sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(const char *)

/** gs_command - add words, each after a space where out is neither empty nor ends in one */
#define gs_command(out, ...) gs_command_words(out, GS_WORDS(__VA_ARGS__))
void gs_command_words(struct gs_str *out, const char *const *words, size_t n);

/** gs_command_wordf - add one word that has to be put together: "%u:%u" */
void gs_command_wordf(struct gs_str *out, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/** gs_command_and - the next command runs only if the one so far succeeds */
void gs_command_and(struct gs_str *out);

/**
 * gs_command_found - a command on an entry of a directory that others can write
 * @type: 'd' for a directory, 'f' for a file of one name, as find(1) -type
 * By the time the command runs, the entry may be a symbolic link, which chmod(1) and setfacl(1)
 * follow; find(1) tests the type first. Where others can still replace the entry, an earlier
 * command must give it to root.
 */
#define gs_command_found(out, path, type, ...)                                                     \
	gs_command_found_words(out, path, type, GS_WORDS(__VA_ARGS__))
void gs_command_found_words(struct gs_str *out, const char *path, char type,
			    const char *const *words, size_t n);

/** gs_command_on - begin a command for another host: "on HOST run: " */
void gs_command_on(struct gs_str *out, const char *host);

/**
 * gs_command_text - a command as owned text
 * @lead: text before the command, such as "first: "; "" for none
 */
#define gs_command_text(lead, ...) gs_command_text_words(lead, GS_WORDS(__VA_ARGS__))
char *gs_command_text_words(const char *lead, const char *const *words, size_t n);

/**
 * gs_err_fix - add the command that fixes a failure already set; returns err->code
 * @lead: as in gs_command_text()
 * A command that does not fit is left out: half of one would be another command.
 */
#define gs_err_fix(err, lead, ...) gs_err_fix_words(err, lead, GS_WORDS(__VA_ARGS__))
int gs_err_fix_words(struct gs_err *err, const char *lead, const char *const *words, size_t n);

/** gs_err_fix_on - the same for a command that is run on another host: "on HOST run: ..." */
#define gs_err_fix_on(err, host, ...) gs_err_fix_on_words(err, host, GS_WORDS(__VA_ARGS__))
int gs_err_fix_on_words(struct gs_err *err, const char *host, const char *const *words, size_t n);

/** gs_err_fix_text - the same for a text that was built with the functions above */
int gs_err_fix_text(struct gs_err *err, const struct gs_str *text);
