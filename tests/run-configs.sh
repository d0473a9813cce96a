#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Configurations that may stand on a machine already, made up at random, and what the leader's
# verbs do to them: configs.py, on the machine's own exportfs, in private mount and network
# namespaces. GSHARE_CONFIGS=N is how many (40; 500 where GSHARE_MUST_RUN is 1),
# GSHARE_SEED=TEXT which ones, GSHARE_ONLY=I only one of them.

set -u
src=${abs_top_srcdir:-$PWD}
# shellcheck source=tests/tap.sh
. "$src/tests/tap.sh"
count=40
[ "${GSHARE_MUST_RUN:-0}" != 1 ] || count=500
exec_leader "$src/tests/configs.py" "${GSHARE_CONFIGS:-$count}"
