#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Configurations that may stand on a machine already, made up at random, a command that is carried
# out there, and its undo: undo.py, on the machine's own exportfs, in private mount and network
# namespaces. GSHARE_UNDO=N is how many (300), GSHARE_SEED=TEXT which ones, GSHARE_ONLY=I only one.

set -u
src=${abs_top_srcdir:-$PWD}
# shellcheck source=tests/tap.sh
. "$src/tests/tap.sh"

exec_leader "$src/tests/undo.py" "${GSHARE_UNDO:-300}"
