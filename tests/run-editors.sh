#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Others edit /etc/exports while gshare does: editors.py, on the machine's own exportfs, in private
# mount and network namespaces. GSHARE_EDITORS=N is how many rounds (200), GSHARE_SEED=TEXT which
# ones, GSHARE_ONLY=I only one of them.

set -u
src=${abs_top_srcdir:-$PWD}
# shellcheck source=tests/tap.sh
. "$src/tests/tap.sh"
exec_leader "$src/tests/editors.py" "${GSHARE_EDITORS:-200}"
