/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "engine/doctor/at_once.h"

/** gs_look_mount - the NFS mount, or gshare's entry of fstab, at look's place */
void gs_look_mount(struct gs_sys *sys, const struct gs_look *look, struct gs_cases *cases);

/** gs_look_other_mount - beside gshare's: what others have meant for it is no question */
void gs_look_other_mount(struct gs_sys *sys, const struct gs_look *look, struct gs_cases *cases);
