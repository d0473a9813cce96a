#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Odd cluster.env files, what env --write makes of them, and what the programs that read such files
# find there then: envfiles.py, in private mount and network namespaces. GSHARE_ONLY=I is only one.

set -u
src=${abs_top_srcdir:-$PWD}
# shellcheck source=tests/tap.sh
. "$src/tests/tap.sh"
exec_leader "$src/tests/envfiles.py" 0
