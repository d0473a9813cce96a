/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/format/acl_xattr.h"

#include <string.h>

struct user {
	uid_t uid;
	gid_t gid;
};

/* ---- POSIX: little endian, as on the disk of every machine -------------------------------- */

enum {
	VERSION = 2,
	HEAD_BYTES = 4,
	ENTRY_BYTES = 8,
	ALL = GS_MAY_READ | GS_MAY_WRITE | GS_MAY_EXECUTE,
};

enum tag {
	TAG_USER_OBJ = 0x01,
	TAG_USER = 0x02,
	TAG_GROUP_OBJ = 0x04,
	TAG_GROUP = 0x08,
	TAG_MASK = 0x10,
	TAG_OTHER = 0x20,
};

struct entry {
	unsigned tag, bits;
	uint32_t id;
};

static uint32_t little(const char *at, size_t n)
{
	uint32_t value = 0;

	while (n--)
		value = value << 8 | (unsigned char)at[n];
	return value;
}

static size_t count_posix(const struct gs_dir_look *look)
{
	if (look->acl_len < HEAD_BYTES || look->acl_len > GS_ACL_BYTES ||
	    little(look->acl, HEAD_BYTES) != VERSION || (look->acl_len - HEAD_BYTES) % ENTRY_BYTES)
		return 0;
	return (look->acl_len - HEAD_BYTES) / ENTRY_BYTES;
}

static struct entry posix_at(const struct gs_dir_look *look, size_t i)
{
	const char *at = look->acl + HEAD_BYTES + i * ENTRY_BYTES;

	return (struct entry){ little(at, 2), little(at + 2, 2) & ALL, little(at + 4, 4) };
}

/* Finds the entry of a tag (and id, where it has one); *ret is its permission bits. */
static bool find_posix(const struct gs_dir_look *look, unsigned tag, uint32_t id, unsigned *ret)
{
	bool by_id = tag == TAG_USER || tag == TAG_GROUP;

	for (size_t i = 0; i < count_posix(look); i++) {
		struct entry entry = posix_at(look, i);

		if (entry.tag != tag || (by_id && entry.id != id))
			continue;
		*ret = entry.bits;
		return true;
	}
	return false;
}

static bool rights_by_posix(const struct gs_dir_look *look, struct user user, struct gs_rights *ret)
{
	unsigned mask = ALL, bits = 0, group = 0;
	bool of_group;

	if (!find_posix(look, TAG_USER_OBJ, 0, &bits))
		return false;
	(void)find_posix(look, TAG_MASK, 0, &mask);
	if (user.uid == look->uid) {
		*ret = (struct gs_rights){ bits, false };
		return true;
	}
	if (find_posix(look, TAG_USER, user.uid, &bits)) {
		*ret = (struct gs_rights){ bits & mask, true };
		return true;
	}
	/* acl(5): one group entry alone must grant the request. A user here has one group, which
	 * matches two entries only if the ACL names the owning group as well. */
	bits = 0;
	of_group = user.gid == look->gid && find_posix(look, TAG_GROUP_OBJ, 0, &bits);
	if (find_posix(look, TAG_GROUP, user.gid, &group)) {
		*ret = (struct gs_rights){ (bits | group) & mask, true };
		return true;
	}
	if (!of_group && !find_posix(look, TAG_OTHER, 0, &bits))
		return false;
	*ret = (struct gs_rights){ of_group ? bits & mask : bits, of_group && mask != ALL };
	return true;
}

/* ---- NFSv4: XDR ---------------------------------------------------------------------------- */

enum { ALLOW = 0, DENY = 1, FLAG_INHERIT_ONLY = 0x8, FLAG_GROUP = 0x40 };

enum who { WHO_NOT, WHO_CLASS, WHO_NAMED, WHO_UNCLEAR };

struct ace {
	uint32_t type, flags, mask;
	struct gs_span who;
};

static bool take_big(struct gs_span *rest, uint32_t *ret)
{
	uint32_t value = 0;

	if (rest->len < 4)
		return false;
	for (size_t i = 0; i < 4; i++)
		value = value << 8 | (unsigned char)rest->ptr[i];
	*rest = gs_span_from(*rest, 4);
	*ret = value;
	return true;
}

static bool take_ace(struct gs_span *rest, struct ace *ret)
{
	uint32_t len, padded;

	if (!take_big(rest, &ret->type) || !take_big(rest, &ret->flags) ||
	    !take_big(rest, &ret->mask) || !take_big(rest, &len) || len > rest->len)
		return false;
	ret->who = gs_span(rest->ptr, len);
	padded = (len + 3) & ~3U;
	if (padded > rest->len)
		return false;
	*rest = gs_span_from(*rest, padded);
	return true;
}

static enum who is_who(const struct ace *ace, const struct gs_dir_look *look, struct user user)
{
	uint64_t id;

	if (gs_span_is_text(ace->who, "OWNER@"))
		return user.uid == look->uid ? WHO_CLASS : WHO_NOT;
	if (gs_span_is_text(ace->who, "GROUP@"))
		return user.gid == look->gid ? WHO_CLASS : WHO_NOT;
	if (gs_span_is_text(ace->who, "EVERYONE@"))
		return WHO_CLASS;
	if (!gs_span_number(ace->who, UINT32_MAX, &id))
		return WHO_UNCLEAR;
	return id == (ace->flags & FLAG_GROUP ? user.gid : user.uid) ? WHO_NAMED : WHO_NOT;
}

/* READ_DATA, WRITE_DATA and EXECUTE are 1, 2 and 0x20; of a directory LIST, ADD_FILE, EXECUTE. */
static unsigned bits_of(uint32_t mask)
{
	return (mask & 1 ? GS_MAY_READ : 0) | (mask & 2 ? GS_MAY_WRITE : 0) |
	       (mask & 0x20 ? GS_MAY_EXECUTE : 0);
}

/* In order: the first entry that allows or denies a bit decides. */
static bool rights_by_nfs4(const struct gs_dir_look *look, struct user user, struct gs_rights *ret)
{
	struct gs_span rest = gs_span(look->acl, look->acl_len);
	unsigned decided = 0;
	struct gs_rights rights = { 0 };
	uint32_t n;

	if (look->acl_len > GS_ACL_BYTES || !take_big(&rest, &n))
		return false;
	for (; n; n--) {
		struct ace ace;
		unsigned bits;
		enum who who;

		if (!take_ace(&rest, &ace))
			return false;
		if (ace.type > DENY || ace.flags & FLAG_INHERIT_ONLY)
			continue;
		who = is_who(&ace, look, user);
		if (who == WHO_UNCLEAR)
			return false;
		bits = who == WHO_NOT ? 0 : bits_of(ace.mask) & ~decided;
		decided |= bits;
		rights.bits |= ace.type == ALLOW ? bits : 0;
		rights.by_acl |= who == WHO_NAMED;
	}
	*ret = rights;
	return true;
}

/* ---- any ACL ------------------------------------------------------------------------------- */

bool gs_rights_of(const struct gs_dir_look *look, uid_t uid, gid_t gid, struct gs_rights *ret)
{
	const struct user user = { uid, gid };
	unsigned shift = uid == look->uid ? 6 : gid == look->gid ? 3 : 0;

	if (!look->known)
		return false;
	switch (look->acl_kind) {
	case GS_ACL_NONE:
		*ret = (struct gs_rights){ look->mode >> shift & ALL, false };
		return true;
	case GS_ACL_POSIX:
		return rights_by_posix(look, user, ret);
	case GS_ACL_NFS4:
		return rights_by_nfs4(look, user, ret);
	case GS_ACL_HIDDEN:
		break;
	}
	return false;
}
