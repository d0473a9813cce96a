# SPDX-License-Identifier: GPL-2.0-or-later
"""Leader, followers and an intruder on real kernels, on one machine; see README."""
