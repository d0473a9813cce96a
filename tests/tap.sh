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
