/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/fs/acl.h"

#include <acl/libacl.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/acl.h>

#include "base/str.h"

enum { FD_PATH_BYTES = 40 }; /* "/proc/self/fd/" and a number */

static int text_of(acl_t acl, char **ret_text)
{
	char *text = acl_to_any_text(acl, NULL, ',', TEXT_ABBREVIATE | TEXT_NUMERIC_IDS);

	if (!text)
		return -errno;
	*ret_text = gs_strdup(text);
	acl_free(text);
	return 0;
}

int gs_acl_read(int fd, bool is_default, char **ret_text)
{
	char fd_path[FD_PATH_BYTES];
	char *text = NULL;
	acl_t acl;
	int r = 0;

	snprintf(fd_path, sizeof fd_path, "/proc/self/fd/%d", fd);
	acl = acl_get_file(fd_path, is_default ? ACL_TYPE_DEFAULT : ACL_TYPE_ACCESS);
	if (!acl && errno != EOPNOTSUPP)
		return -errno;
	if (acl && acl_entries(acl) > 0 && (is_default || acl_equiv_mode(acl, NULL) != 0))
		r = text_of(acl, &text);
	if (acl)
		acl_free(acl);
	if (r == 0)
		*ret_text = text;
	return r;
}

char *gs_acl_text(int fd, bool is_default)
{
	char *text = NULL;

	(void)gs_acl_read(fd, is_default, &text);
	return text;
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
		return gs_err_set(err, errno, "'%s' is not an ACL: %s", text, strerror(errno));
	snprintf(fd_path, sizeof fd_path, "/proc/self/fd/%d", fd);
	r = acl_set_file(fd_path, is_default ? ACL_TYPE_DEFAULT : ACL_TYPE_ACCESS, acl) < 0 ? -errno
											    : 0;
	acl_free(acl);
	if (r == -EOPNOTSUPP)
		return gs_err_set(err, r, "the file system does not support ACLs");
	return r < 0 ? gs_err_set(err, r, "cannot set the ACL: %s", strerror(-r)) : 0;
}

int gs_acl_drop_default(int fd)
{
	char fd_path[FD_PATH_BYTES];

	snprintf(fd_path, sizeof fd_path, "/proc/self/fd/%d", fd);
	return acl_delete_def_file(fd_path) < 0 ? -errno : 0;
}
