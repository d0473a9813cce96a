/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"
#include "core/format/textdoc.h"

/*
 * cluster.env: KEY=VALUE lines that Docker Compose, bash and docker run --env-file read, each by
 * its own rules. A value is written without quotes and only from
 * [A-Za-z0-9_./:@%+,=-], which all three read alike. Everything else in the file stays.
 *
 * A line counts for a key when it is KEY=VALUE or KEY: VALUE (Compose), with blanks around the
 * parts and "export" in front allowed. Lines inside a quoted value of several lines are text, not
 * assignments. Of several lines for a key the last one counts in all readers.
 * Source: compose-go dotenv/parser.go; docker cli pkg/kvfile; bash(1) QUOTING.
 */

struct gs_clusterenv {
	struct gs_textdoc text;
};

enum gs_node_type { GS_NODE_LEADER, GS_NODE_FOLLOWER };

/** struct gs_clusterenv_values - what gshare owns in the file; strings borrowed */
struct gs_clusterenv_values {
	enum gs_node_type node_type;
	const char *dataset_dir;   /* with or without a trailing slash; written with one */
	const char *postgres_host; /* "postgres", a name or an address; IPv6 without brackets */
};

/**
 * struct gs_assignment - a line that sets a key
 * @raw:  the bytes of the value, with quotes; if empty, ptr is still its place
 * @last: line on which the value ends
 * @open: the value begins with a quote that is never closed
 */
struct gs_assignment {
	struct gs_span key, raw;
	size_t line, last;
	bool colon, open;
};

/**
 * gs_clusterenv_parse - split cluster.env text into lines
 * @env: filled on success, untouched on failure; free with gs_clusterenv_done()
 * Errors: -EFBIG as gs_textdoc_parse(). A NUL byte is kept; editing such a text is -EILSEQ.
 */
int gs_clusterenv_parse(struct gs_span text, struct gs_clusterenv *env, struct gs_err *err);
void gs_clusterenv_done(struct gs_clusterenv *env);
void gs_clusterenv_render(const struct gs_clusterenv *env, struct gs_str *out);

/** gs_clusterenv_next - the next assignment from line *i on; *i moves past it */
bool gs_clusterenv_next(const struct gs_clusterenv *env, size_t *i, struct gs_assignment *ret);

/** gs_clusterenv_key - is that key one of gshare's four? Its name; NULL: no */
const char *gs_clusterenv_key(struct gs_span key);

/**
 * gs_clusterenv_get - the value of a key's last line, which counts
 * @ret_value: borrowed until the next edit, without a pair of quotes around it; a comment
 *	after the value and blanks are no part of it
 * Returns false where the key is not set or its value has several lines.
 */
bool gs_clusterenv_get(const struct gs_clusterenv *env, const char *key, struct gs_span *ret_value);

/**
 * gs_clusterenv_set - give a key a value
 *
 * Every line that sets the key gets the value, so that it does not matter which one a reader
 * takes; only the bytes of the value change (quotes belong to it), a CR before the newline
 * stays. Compose sees a comment after a space only: a tab before one becomes a space. A key without
 * a KEY= line is added at the end, ended by "\n". Commented lines stay.
 * @ret_changed: false when all lines had the value already
 * Errors, with nothing changed: -EINVAL for a value with another character (named in the
 * message), for an old value over several lines, and for a quote that is never closed above
 * the place where a line must be added; -EILSEQ for a NUL byte.
 */
int gs_clusterenv_set(struct gs_clusterenv *env, const char *key, const char *value,
		      bool *ret_changed, struct gs_err *err);

/** gs_clusterenv_apply - gs_clusterenv_set() of gshare's four keys, all of them or none */
int gs_clusterenv_apply(struct gs_clusterenv *env, const struct gs_clusterenv_values *values,
			bool *ret_changed, struct gs_err *err);

/** gs_clusterenv_joins - would a reader of shell syntax join line i to the one above? */
bool gs_clusterenv_joins(const struct gs_clusterenv *env, size_t i);

/**
 * gs_clusterenv_canonical - rewrite the lines of gshare's keys to KEY=VALUE, which all readers see
 * alike; after gs_clusterenv_apply(). Comments in those lines go. A line that the one above would
 * join, by a backslash at its end, gets an empty line before it.
 * Returns true if the text changed.
 */
bool gs_clusterenv_canonical(struct gs_clusterenv *env);

/** gs_clusterenv_mark - @ret_managed: one for each line, set to true where that line alone sets
 * one of gshare's keys
 */
void gs_clusterenv_mark(const struct gs_clusterenv *env, bool *ret_managed);

/**
 * gs_clusterenv_print - add the four lines as text: ENABLE_CLUSTER_MODE, NODE_TYPE,
 * LOCAL_DATASET_CACHE_DIR, POSTGRES_HOST
 * Errors: -EINVAL as gs_clusterenv_set(); out is untouched then.
 */
int gs_clusterenv_print(const struct gs_clusterenv_values *values, struct gs_str *out,
			struct gs_err *err);
