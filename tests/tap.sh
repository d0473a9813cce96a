# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# For tests that speak TAP: sourced, with $tmp set to a directory of the test's own.
# shellcheck disable=SC2034 # read by the test
n=0
bad=0

# report STATUS NAME: one result; what is needed to understand a failure is in $tmp/log
report() {
	n=$((n + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $n - $2"
	else
		bad=1
		echo "not ok $n - $2"
		sed 's/^/# /' "${tmp:?}/log"
	fi
}

# skip REASON: the whole test; where nothing may be skipped, that is a failure
skip() {
	if [ "${GSHARE_MUST_RUN:-0}" = 1 ]; then
		echo "Bail out! $1"
		exit 1
	fi
	echo "1..0 # SKIP $1"
	exit 0
}

# exec_leader SCRIPT COUNT: a program in Python that makes up COUNT machines for ${GSHARE} out of
# this one, on its own exportfs, in private namespaces that end with it
exec_leader() {
	[ "$(id -u)" -eq 0 ] || skip "namespaces and exportfs take root"
	for program in /usr/sbin/exportfs /usr/sbin/rpc.mountd /usr/sbin/rpc.nfsd \
		/usr/bin/systemctl; do
		[ -x "$program" ] || skip "there is no $program"
	done
	unshare -m -n true 2>/dev/null || skip "no private namespaces here"
	exec unshare -m -n -p --fork --kill-child --mount-proc --propagation private \
		/usr/bin/python3 -B "$1" "${GSHARE:-${abs_top_builddir:-$PWD}/gshare}" \
		--count "$2" --seed "${GSHARE_SEED:-gshare}" --only "${GSHARE_ONLY:--1}"
}
