/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/step/step.h"
#include "sys/fs/file_swap.h"

/** gs_step_replace - a WRITE_FILE step as settle() knows it; borrowed from the step */
struct gs_replace gs_step_replace(const struct gs_step *step);
