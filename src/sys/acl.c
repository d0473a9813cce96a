/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/acl.h"

#include <acl/libacl.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/acl.h>

#include "base/str.h"

enum { FD_PATH_BYTES = 40 }; /* "/proc/self/fd/" and a number */

char *gs_acl_text(int fd, bool is_default)
{
	char fd_path[FD_PATH_BYTES];
	char *text, *copy = NULL;
	acl_t acl;

	snprintf(fd_path, sizeof fd_path, "/proc/self/fd/%d", fd);
	acl = acl_get_file(fd_path, is_default ? ACL_TYPE_DEFAULT : ACL_TYPE_ACCESS);
	if (!acl)
		return NULL;
	if (acl_entries(acl) > 0 && (is_default || acl_equiv_mode(acl, NULL) != 0)) {
		text = acl_to_any_text(acl, NULL, ',', TEXT_ABBREVIATE | TEXT_NUMERIC_IDS);
		copy = text ? gs_strdup(text) : NULL;
		acl_free(text);
	}
	acl_free(acl);
	return copy;
}

int gs_acl_set(int fd, bool is_default, const char *text, struct gs_err *err)
{
	char fd_path[FD_PATH_BYTES];
	acl_t acl;
	int r;

	if (!text)
		return 0;
	acl = acl_from_text(text);
	if (!acl)
		return gs_err_set(err, errno, "'%s' is no ACL: %s", text, strerror(errno));
	snprintf(fd_path, sizeof fd_path, "/proc/self/fd/%d", fd);
	r = acl_set_file(fd_path, is_default ? ACL_TYPE_DEFAULT : ACL_TYPE_ACCESS, acl) < 0 ? -errno
											    : 0;
	acl_free(acl);
	if (r == -EOPNOTSUPP)
		return gs_err_set(err, r, "the file system keeps no ACLs");
	return r < 0 ? gs_err_set(err, r, "cannot set the ACL: %s", strerror(-r)) : 0;
}
