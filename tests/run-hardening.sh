#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the compiler and the linker can do against an intruder is in the program that was built.
# Asked of the program where it shows there, of the flags where it does not.

set -u
src=${abs_top_srcdir:-$PWD}
# shellcheck source=tests/tap.sh
. "$src/tests/tap.sh"
build=${abs_top_builddir:-$PWD}
CC=${CC:-cc}
flags=" ${GS_FLAGS:?is set by make check} "
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT
LC_ALL=C readelf -W -h -l -d -s "$build/gshare" >"$tmp/log" 2>&1 || exit 99

# shows NAME REGEX: in what readelf says of the program
shows() {
	grep -Eq "$2" "$tmp/log"
	report $? "$1"
}

# lacks NAME REGEX
lacks() {
	! grep -Eq "$2" "$tmp/log"
	report $? "$1"
}

shows 'it lies anywhere (PIE)' 'Type: +DYN'
shows 'its tables are read-only (RELRO)' 'GNU_RELRO'
shows 'from the start (NOW)' 'FLAGS.*NOW'
shows 'its stack is not executed' 'GNU_STACK .* RW  '
lacks 'no part of it can be written and executed' 'LOAD .* RWE'
lacks 'it looks for libraries nowhere else' 'R(UN)?PATH'
shows 'it notices an overwritten stack' '__stack_chk_fail'
case $flags in
*FORTIFY_SOURCE*) shows 'it checks the sizes of what it copies (fortify)' '_chk@' ;;
*-fsanitize=*) shows 'a sanitizer stands in for fortify' '__asan_init' ;;
*--coverage*) shows 'not optimized, and so not fortified' '__gcov_' ;;
*) false; report $? 'fortify, or what stands in for it' ;;
esac

# takes FLAG...: would this compiler have it, on this processor?
takes() {
	echo 'int main(void) { return 0; }' >"$tmp/a.c"
	# shellcheck disable=SC2086 # CC may be several words
	$CC -Werror "$@" -c -o "$tmp/a.o" "$tmp/a.c" 2>/dev/null
}

# used FLAG...: where the compiler has it, gshare is built with it
used() {
	first=$1
	! takes "$@" || case $flags in *" $first "*) true ;; *) false ;; esac
	report $? "$first, where the compiler has it"
}

printf '%s\n' "$flags" >"$tmp/log"
used -fcf-protection=full
used -mbranch-protection=standard
used -fstack-clash-protection
used -ftrivial-auto-var-init=zero
used -ftrivial-auto-var-init=zero \
	-enable-trivial-auto-var-init-zero-knowing-it-will-be-removed-from-clang

# The program has the mark of these where all of its objects do, those of the system included.
mark='IBT, SHSTK'
[ "$(uname -m)" != aarch64 ] || mark='BTI, PAC'
case $flags in
*-fcf-protection=full*|*-mbranch-protection=standard*)
	for library in base core sys engine cmd; do
		LC_ALL=C readelf -n "$build/lib$library.a" >"$tmp/log" 2>&1
		awk -v mark="$mark" '
			/^File: / { files++ }
			index($0, "feature: " mark) { marked++ }
			END { exit !files || files != marked }' "$tmp/log"
		report $? "each object of lib$library.a is marked: $mark"
	done
	;;
esac
echo "1..$n"
exit "$bad"
