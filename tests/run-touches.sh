#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# gshare's own process touches a share in no way that could hang: touches.py reads strace's logs.
set -u
. "${abs_top_srcdir:-$PWD}/tests/on-machine.sh"
on_machine touches.py "$@"
