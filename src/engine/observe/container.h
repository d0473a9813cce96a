/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/share/container.h"
#include "sys/sys.h"

/** gs_observe_container - the container that this process is in; what cannot be read is no sign */
void gs_observe_container(struct gs_sys *sys, struct gs_container *ret);
