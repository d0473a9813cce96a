/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/**
 * gs_link_speed - Mbit/s of the network interface that has a numeric address of this node
 * 0 where none has it, or its driver knows no speed, as of most virtual machines.
 * Source: Linux Documentation/ABI/testing/sysfs-class-net.
 */
unsigned gs_link_speed(const char *own_addr);
