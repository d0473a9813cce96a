/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake/fake.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void drop(struct gs_strs *list, const char *text)
{
	for (size_t i = 0; i < list->n; i++) {
		if (strcmp(list->v[i], text))
			continue;
		free(list->v[i]);
		memmove(list->v + i, list->v + i + 1, (--list->n - i) * sizeof *list->v);
	}
}

/* A number that no account has. */
static struct gs_account nobodys(const char *number)
{
	uid_t id = (uid_t)strtoul(number, NULL, 10);

	return (struct gs_account){ .name = gs_strdup(number),
				    .group = gs_strdup(number),
				    .home = gs_strdup("/"),
				    .uid = id,
				    .gid = id };
}

static int find_group(struct gs_sys *sys, const char *name, gid_t *ret, struct gs_err *err)
{
	const struct gs_strs *groups = &fake_of(sys)->groups;

	if (fake_step(sys, "find_group", err) < 0)
		return err->code;
	for (size_t i = 0; i + 1 < groups->n; i += 2)
		if (!strcmp(groups->v[i], name)) {
			*ret = (gid_t)strtoul(groups->v[i + 1], NULL, 10);
			return 0;
		}
	return gs_err_set(err, ENOENT, "there is no group '%s'", name);
}

static int find_account(struct gs_sys *sys, const char *name, struct gs_account *ret,
			struct gs_err *err)
{
	bool known = !strcmp(name, "ubuntu") || !strcmp(name, "1000");
	bool other = !strcmp(name, "data") || !strcmp(name, "2000");

	if (fake_step(sys, "find_account", err) < 0)
		return err->code;
	if (!known && !other && strspn(name, "0123456789") == strlen(name)) {
		*ret = nobodys(name);
		return 0;
	}
	if (!known && !other && !gs_strs_has(&fake_of(sys)->accounts, name))
		return gs_err_set(err, ENOENT, "there is no user '%s'", name);
	*ret = (struct gs_account){
		.name = gs_strdup(known	  ? "ubuntu"
				  : other ? "data"
					  : name),
		.group = gs_strdup(known   ? "ubuntu"
				   : other ? "data"
					   : name),
		.home = gs_strdup("/"),
		.uid = known   ? 1000
		       : other ? 2000
			       : 997,
		.gid = known   ? 1000
		       : other ? 2000
			       : 997,
	};
	return 0;
}

static int free_system_id(struct gs_sys *sys, const struct gs_ids *taken, uint32_t *ret,
			  struct gs_err *err)
{
	if (fake_step(sys, "free_system_id", err) < 0)
		return err->code;
	*ret = gs_ids_has(taken, 997) ? 996 : 997;
	return 0;
}

static int add_account(struct gs_sys *sys, const char *name, uint32_t id, struct gs_err *err)
{
	(void)id;
	if (fake_change(sys, "add_account", err) < 0)
		return err->code;
	gs_strs_add(&fake_of(sys)->accounts, name);
	return 0;
}

static int remove_account(struct gs_sys *sys, const char *name, struct gs_err *err)
{
	if (fake_change(sys, "remove_account", err) < 0)
		return err->code;
	drop(&fake_of(sys)->accounts, name);
	return 0;
}

const struct gs_account_ops fake_accounts = {
	.find = find_account,
	.find_group = find_group,
	.free_id = free_system_id,
	.add = add_account,
	.remove = remove_account,
};
