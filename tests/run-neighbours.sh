#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Users of the same machine block nothing and lead nobody: neighbours.py.
set -u
. "${abs_top_srcdir:-$PWD}/tests/on-machine.sh"
on_machine neighbours.py "$@"
