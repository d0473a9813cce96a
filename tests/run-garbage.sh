#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The whole gshare asks a server of garbage: garbage.py has the table. Cases by GSHARE_GARBAGE_RUNS.
set -u
src=${abs_top_srcdir:-$PWD}
# shellcheck source=tests/tap.sh
. "$src/tests/tap.sh"

[ "$(id -u)" -eq 0 ] || skip "namespaces and ports take root"
unshare -m -n -p --fork true 2>/dev/null || skip "no private namespaces here"
exec unshare -m -n -p --fork --kill-child --mount-proc --propagation private \
	/usr/bin/python3 -B "$src/tests/garbage.py" "${GSHARE:-${abs_top_builddir:-$PWD}/gshare}" \
	--count "${GSHARE_GARBAGE_RUNS:-200}" --seed "${GSHARE_SEED:-gshare}" \
	--only "${GSHARE_ONLY:--1}"
