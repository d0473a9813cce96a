/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/err.h"

/*
 * ACLs of an open descriptor, O_PATH or not: by /proc/self/fd, so that swapping the name changes
 * nothing. Texts are those of struct gs_dir_spec.
 */

/**
 * gs_acl_read - the access or default ACL
 * @ret_text: owned; NULL where there is no ACL beyond the mode, also on a file system without ACLs
 * 0 or -errno.
 */
int gs_acl_read(int fd, bool is_default, char **ret_text);

/** gs_acl_text - as gs_acl_read(), but NULL on failure as well */
char *gs_acl_text(int fd, bool is_default);

/** gs_acl_set - replace the ACL; a NULL text does nothing; -EOPNOTSUPP where there are no ACLs */
int gs_acl_set(int fd, bool is_default, const char *text, struct gs_err *err);

/** gs_acl_drop_default - remove a directory's default ACL; 0 or -errno */
int gs_acl_drop_default(int fd);
