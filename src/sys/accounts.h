/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "base/types.h"
#include "sys/fs/root.h"

/*
 * Users and groups, of this machine (NSS) or of a tree below --root (its passwd and group, where
 * those are regular files of at most 4 MiB). Looking one up ends within 4 s: -ETIMEDOUT, of NSS
 * with the cause ACCOUNTS_TIMEOUT.
 */

/** gs_accounts_find - what was found stays known until an account is added or removed */
int gs_accounts_find(struct gs_sys *sys, const char *name, struct gs_account *ret,
		     struct gs_err *err);
int gs_accounts_find_group(struct gs_sys *sys, const char *name, gid_t *ret, struct gs_err *err);

/**
 * gs_accounts_free_id - a number for a system account, from 949 down to 100
 * None that an image of containers runs as, or @taken has. Packages get theirs from 999 down by
 * useradd --system and systemd-sysusers, or from 100 up by adduser: none comes here soon.
 * Errors: -ENOSPC
 */
int gs_accounts_free_id(struct gs_sys *sys, const struct gs_ids *taken, uint32_t *ret,
			struct gs_err *err);

/** gs_accounts_add - without a home and without a login shell, by groupadd(8) and useradd(8) */
int gs_accounts_add(struct gs_sys *sys, const char *name, uint32_t id, struct gs_err *err);
int gs_accounts_remove(struct gs_sys *sys, const char *name, struct gs_err *err);

/** gs_accounts_forget - at the end, and whenever an answer may be another one */
void gs_accounts_forget(struct gs_sys *sys);

/** struct gs_account_ops - users and groups. What every table is: sys.h */
struct gs_account_ops {
	/** by name, or by number where name is all digits; -ENOENT; -ETIMEDOUT */
	int (*find)(struct gs_sys *, const char *name, struct gs_account *ret, struct gs_err *);
	int (*find_group)(struct gs_sys *, const char *name, gid_t *ret, struct gs_err *);
	/** a system account's number that nobody has, nor @taken; -ENOSPC */
	int (*free_id)(struct gs_sys *, const struct gs_ids *taken, uint32_t *ret, struct gs_err *);
	/** a system account and its group, both with this number */
	int (*add)(struct gs_sys *, const char *name, uint32_t id, struct gs_err *);
	int (*remove)(struct gs_sys *, const char *name, struct gs_err *);
};

extern const struct gs_account_ops gs_accounts_host;
/** gs_accounts_offline - a tree's: none is added or removed */
extern const struct gs_account_ops gs_accounts_offline;
