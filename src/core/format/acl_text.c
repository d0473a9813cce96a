/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/format/acl_text.h"

#include <stdlib.h>

enum { R = GS_MAY_READ, W = GS_MAY_WRITE, X = GS_MAY_EXECUTE, ALL = R | W | X };

void gs_acl_done(struct gs_acl *acl)
{
	free(acl->v);
}

struct gs_acl_item *gs_acl_add(struct gs_acl *acl, struct gs_acl_item item)
{
	gs_grow(&acl->v, acl->n, &acl->room, sizeof *acl->v);
	acl->v[acl->n] = item;
	return &acl->v[acl->n++];
}

static void parse_item(struct gs_span text, struct gs_acl *acl)
{
	struct gs_span tag = { 0 }, id = { 0 };
	struct gs_acl_item item = { 0 };
	uint64_t number = 0;

	if (!gs_span_cut(&text, ':', &tag) || !tag.len || !gs_span_cut(&text, ':', &id))
		return;
	item.tag = tag.ptr[0];
	item.named = gs_span_number(id, UINT32_MAX, &number);
	item.id = (uint32_t)number;
	for (size_t i = 0; i < text.len; i++)
		item.perm |= text.ptr[i] == 'r'	  ? R
			     : text.ptr[i] == 'w' ? W
			     : text.ptr[i] == 'x' ? X
						  : 0;
	gs_acl_add(acl, item);
}

void gs_acl_parse(const char *text, struct gs_acl *acl)
{
	struct gs_span rest = gs_span_of(text), item = { 0 };

	while (gs_span_cut(&rest, ',', &item))
		parse_item(item, acl);
}

void gs_acl_of(const struct gs_inode *inode, struct gs_acl *acl)
{
	if (inode->acl_access) {
		gs_acl_parse(inode->acl_access, acl);
		return;
	}
	gs_acl_add(acl, (struct gs_acl_item){ .tag = 'u', .perm = inode->mode >> 6 & ALL });
	gs_acl_add(acl, (struct gs_acl_item){ .tag = 'g', .perm = inode->mode >> 3 & ALL });
	gs_acl_add(acl, (struct gs_acl_item){ .tag = 'o', .perm = inode->mode & ALL });
}

struct gs_acl_item *gs_acl_find(const struct gs_acl *acl, char tag, bool named, uint32_t id)
{
	for (size_t i = 0; i < acl->n; i++)
		if (acl->v[i].tag == tag && acl->v[i].named == named &&
		    (!named || acl->v[i].id == id))
			return &acl->v[i];
	return NULL;
}

unsigned gs_acl_mask(const struct gs_acl *acl)
{
	const struct gs_acl_item *mask = gs_acl_find(acl, 'm', false, 0);

	return mask ? mask->perm : ALL;
}

bool gs_acl_is_masked(const struct gs_acl_item *item)
{
	return item->named || item->tag == 'g';
}

void gs_acl_print(const struct gs_acl *acl, struct gs_str *out)
{
	static const struct {
		char tag;
		bool named;
	} order[] = { { 'u', false }, { 'u', true },  { 'g', false },
		      { 'g', true },  { 'm', false }, { 'o', false } };

	for (size_t k = 0; k < GS_COUNT(order); k++)
		for (size_t i = 0; i < acl->n; i++) {
			const struct gs_acl_item *item = &acl->v[i];
			gs_autofree char *id = item->named ? gs_printf("%u", item->id)
							   : gs_strdup("");

			if (item->tag != order[k].tag || item->named != order[k].named)
				continue;
			gs_str_addf(out, "%s%c:%s:%c%c%c", out->len ? "," : "", item->tag, id,
				    item->perm & R ? 'r' : '-', item->perm & W ? 'w' : '-',
				    item->perm & X ? 'x' : '-');
		}
}

bool gs_inode_grants(const struct gs_inode *inode, const struct gs_account *who, unsigned want)
{
	GS_AUTO(gs_acl_done) struct gs_acl acl = { 0 };
	const struct gs_acl_item *item;
	unsigned mask;
	bool is_member = false;

	gs_acl_of(inode, &acl);
	mask = gs_acl_mask(&acl);
	item = gs_acl_find(&acl, 'u', true, who->uid);
	if (item)
		return (item->perm & mask & want) == want;
	for (size_t i = 0; i < acl.n; i++) {
		item = &acl.v[i];
		if (item->tag != 'g' || (item->named ? item->id : inode->gid) != who->gid)
			continue;
		is_member = true;
		if ((item->perm & mask & want) == want)
			return true;
	}
	item = gs_acl_find(&acl, 'o', false, 0);
	return !is_member && item && (item->perm & want) == want;
}

bool gs_inode_permits(const struct gs_inode *inode, const struct gs_account *who, unsigned want)
{
	if (inode->acl_hidden)
		return true;
	if (inode->uid == who->uid)
		return (inode->mode >> 6 & want) == want;
	return gs_inode_grants(inode, who, want);
}
