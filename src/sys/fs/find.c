/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/fs/find.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "sys/fs/root.h"
#include "sys/fs/walk.h"
#include "sys/proc/child.h"

enum {
	ANSWER_BYTES = 1 << 20, /* paths of PATH_MAX bytes; see max_found */
	GRACE_MS = 300,		/* after the walk's own end, for a call that is stuck */
};

#define BELOW "./" /* the walk begins at ".", the root itself */

struct search {
	struct gs_sys *sys;
	const struct gs_tree_find *find;
	struct gs_str hits;
	size_t n[UINT8_MAX + 1]; /* of each kind */
};

static bool is_below(const char *path)
{
	return !strncmp(path, BELOW, strlen(BELOW));
}

/* "KIND BLOCK PATH" and a NUL, which no name can have. */
static void add_hit(struct search *search, unsigned kind, const struct gs_entry *entry)
{
	if (kind > UINT8_MAX || search->n[kind] == search->find->max_found)
		return;
	search->n[kind]++;
	gs_str_addf(&search->hits, "%u %d %s", kind, entry->is_block,
		    is_below(entry->path) ? entry->path + strlen(BELOW) : entry->path);
	gs_str_addc(&search->hits, '\0');
}

static enum gs_tree_turn judge(void *arg, const struct gs_entry *entry, struct gs_acls *ret)
{
	struct search *search = arg;
	const struct gs_tree_find *find = search->find;
	unsigned kind;

	(void)ret;
	kind = find->finds(find->arg, entry);
	if (kind)
		add_hit(search, kind, entry);
	if (!is_below(entry->path))
		return GS_TREE_ON; /* the root */
	return entry->inode.type == GS_INODE_DIR && find->enters(find->arg, entry) ? GS_TREE_ON
										   : GS_TREE_BACK;
}

static void given(void *arg, const struct gs_entry *entry)
{
	(void)arg, (void)entry;
}

/* What cannot be read has no part in the search. */
static void left(void *arg, const char *path, const char *why, int error)
{
	(void)arg, (void)path, (void)why, (void)error;
}

static int work(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	struct search *search = arg;
	GS_AUTO(gs_strs_done) struct gs_strs root = { 0 };
	const struct gs_tree_walk walk = {
		.root = search->find->root,
		.names = &root,
		.deadline_ns = search->find->deadline_ns,
		.max_entries = search->find->max_entries,
		.arg = search,
		.judge = judge,
		.given = given,
		.left = left,
	};
	struct gs_tree_walked walked = { 0 };

	gs_strs_add(&root, ".");
	if (gs_tree_walk(search->sys, &walk, &walked, err) < 0)
		return err->code;
	gs_str_addf(ret_answer, "%zu %d", walked.entries, walked.cut);
	gs_str_addc(ret_answer, '\0');
	gs_str_add(ret_answer, gs_str_span(&search->hits));
	return 0;
}

static bool take_number(struct gs_span *rest, uint64_t max, uint64_t *ret)
{
	struct gs_span word = { 0 };

	return gs_span_cut(rest, ' ', &word) && gs_span_number(word, max, ret);
}

static bool take_head(struct gs_span *rest, struct gs_tree_hits *ret)
{
	uint64_t entries = 0, cut = 0;
	struct gs_span line = { 0 };

	if (!gs_span_cut(rest, '\0', &line) || !take_number(&line, SIZE_MAX, &entries) ||
	    !take_number(&line, 1, &cut))
		return false;
	ret->entries = entries;
	ret->cut = cut;
	return true;
}

static bool take_hit(struct gs_span line, struct gs_tree_hits *ret)
{
	uint64_t kind = 0, is_block = 0;

	if (!take_number(&line, UINT8_MAX, &kind) || !take_number(&line, 1, &is_block) || !line.len)
		return false;
	gs_grow(&ret->v, ret->n, &ret->room, sizeof *ret->v);
	ret->v[ret->n++] = (struct gs_tree_hit){ .path = gs_span_dup(line),
						 .kind = (unsigned)kind,
						 .is_block = is_block };
	return true;
}

static bool read_answer(struct gs_span rest, struct gs_tree_hits *ret)
{
	struct gs_span line;

	if (!take_head(&rest, ret))
		return false;
	while (rest.len && gs_span_cut(&rest, '\0', &line))
		if (!take_hit(line, ret))
			return false;
	return true;
}

int gs_tree_find(struct gs_sys *sys, const struct gs_tree_find *find, struct gs_tree_hits *ret,
		 struct gs_err *err)
{
	GS_AUTO(gs_tree_hits_done) struct gs_tree_hits hits = { 0 };
	gs_autostr struct gs_str answer = { 0 };
	struct search search = { .sys = sys, .find = find };
	struct gs_child_req child = {
		.fn = work,
		.arg = &search,
		.keep = &sys->root_fd,
		.n_keep = sys->root_fd > 2,
		.deadline_ns = find->deadline_ns + GRACE_MS * INT64_C(1000000),
		.max_answer = ANSWER_BYTES,
	};

	if (gs_child_run(&child, &answer, err) < 0)
		return gs_err_prefix(err, "cannot search '%s'", find->root);
	if (!read_answer(gs_str_span(&answer), &hits))
		return gs_err_set(err, EPROTO, "the child process that searches '%s' gave no reply",
				  find->root);
	*ret = hits;
	hits = (struct gs_tree_hits){ 0 };
	return 0;
}

void gs_tree_hits_done(struct gs_tree_hits *hits)
{
	for (size_t i = 0; i < hits->n; i++)
		free(hits->v[i].path);
	free(hits->v);
	*hits = (struct gs_tree_hits){ 0 };
}
