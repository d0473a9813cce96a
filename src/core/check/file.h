/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/trust.h"
#include "core/check/facts.h"

/**
 * struct gs_file_fact - a file that is to be written, and cannot be replaced
 * @path:   in the tree of --root; @real: on this machine
 * @mount:  where its file system is mounted; NULL: not known
 * @typed:  the words after "gshare"; NULL: not known
 */
struct gs_file_fact {
	const char *path, *real, *mount;
	enum gs_obstacle obstacle;
	const struct gs_strs *typed;
};
