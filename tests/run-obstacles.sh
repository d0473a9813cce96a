#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Configuration files that root itself cannot replace: obstacles.py, in private mount and network
# namespaces.

set -u
src=${abs_top_srcdir:-$PWD}
# shellcheck source=tests/tap.sh
. "$src/tests/tap.sh"
exec_leader "$src/tests/obstacles.py" 0
