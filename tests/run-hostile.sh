#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Whatever gshare is started with and in: the same result, or a clean refusal. hostile.py has the
# table; arguments are names of rows.
set -u
. "${abs_top_srcdir:-$PWD}/tests/on-machine.sh"
on_machine hostile.py "$@"
