/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/str.h"
#include "base/types.h"

/* The directories of a share. */

/** The names of the standard dataset directories, in the order shown; NULL at the end. */
extern const char *const gs_dataset_dirs[];

/** gs_share_dirs - names of all directories of a share: the standard ones, then the specified */
void gs_share_dirs(const struct gs_strs *specified, struct gs_strs *ret_names);

/** gs_share_dir_is_dataset - false for the two directories of PostgreSQL */
bool gs_share_dir_is_dataset(const char *name);

/**
 * gs_share_dir_spec - owner, mode and ACLs of a directory of the share
 * @name: one of gs_share_dirs(), NULL for the share's root
 * @ret:  @keep owns the strings
 */
void gs_share_dir_spec(const char *name, const struct gs_account *owner, struct gs_strs *keep,
		       struct gs_dir_spec *ret);
