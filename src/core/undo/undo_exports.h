/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/undo/undo_draft.h"

/** gs_undo_exports - add the steps check, drain, files, server, apply, as far as needed */
int gs_undo_exports(struct gs_undo *undo, struct gs_err *err);
