/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "base/types.h"
#include "sys/fs/root.h"

/*
 * Users and groups, of this host (NSS) or of a tree below --root (its passwd and group, where those
 * are regular files of at most 4 MiB). A lookup ends within 4 s: -ETIMEDOUT, with the cause
 * ACCOUNTS_TIMEOUT for NSS.
 */

/** gs_accounts_find - the result is cached until an account is added or removed */
int gs_accounts_find(struct gs_sys *sys, const char *name, struct gs_account *ret,
		     struct gs_err *err);
int gs_accounts_find_group(struct gs_sys *sys, const char *name, gid_t *ret, struct gs_err *err);

/**
 * gs_accounts_free_id - a free number for a system account, from 949 down to 100
 * Not a number that container images run as, nor one of @taken. Packages get theirs from 999 down
 * by useradd --system and systemd-sysusers, or from 100 up by adduser: they do not get here soon.
 * Errors: -ENOSPC
 */
int gs_accounts_free_id(struct gs_sys *sys, const struct gs_ids *taken, uint32_t *ret,
			struct gs_err *err);

/** gs_accounts_add - add it by groupadd(8) and useradd(8), without a home or a login shell */
int gs_accounts_add(struct gs_sys *sys, const char *name, uint32_t id, struct gs_err *err);
int gs_accounts_remove(struct gs_sys *sys, const char *name, struct gs_err *err);

/** gs_accounts_forget - drop the cache: at the end, and whenever accounts may have changed */
void gs_accounts_forget(struct gs_sys *sys);

/** struct gs_account_ops - users and groups; see sys.h */
struct gs_account_ops {
	/** by name, or by number where name is all digits; -ENOENT; -ETIMEDOUT */
	int (*find)(struct gs_sys *, const char *name, struct gs_account *ret, struct gs_err *);
	int (*find_group)(struct gs_sys *, const char *name, gid_t *ret, struct gs_err *);
	/** a free number for a system account, not one of @taken; -ENOSPC */
	int (*free_id)(struct gs_sys *, const struct gs_ids *taken, uint32_t *ret, struct gs_err *);
	/** a system account and its group, both with this number */
	int (*add)(struct gs_sys *, const char *name, uint32_t id, struct gs_err *);
	int (*remove)(struct gs_sys *, const char *name, struct gs_err *);
};

extern const struct gs_account_ops gs_accounts_host;
/** gs_accounts_offline - accounts of a tree: looked up, never added or removed */
extern const struct gs_account_ops gs_accounts_offline;
