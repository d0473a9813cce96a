/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/err.h"

/*
 * ACLs of what a descriptor stands for, O_PATH or not: by /proc/self/fd, so that a name that is
 * swapped meanwhile changes nothing. Texts are those of struct gs_dir_spec.
 */

/**
 * gs_acl_read - the access or default ACL
 * @ret_text: owned; NULL where there is none beyond the mode, also on a file system without ACLs
 * 0 or -errno.
 */
int gs_acl_read(int fd, bool is_default, char **ret_text);

/** gs_acl_text - the same where not knowing is as good as none */
char *gs_acl_text(int fd, bool is_default);

/** gs_acl_set - replace it; a NULL text does nothing; -EOPNOTSUPP where there are no ACLs */
int gs_acl_set(int fd, bool is_default, const char *text, struct gs_err *err);

/** gs_acl_drop_default - a directory's default ACL is gone; 0 or -errno */
int gs_acl_drop_default(int fd);
