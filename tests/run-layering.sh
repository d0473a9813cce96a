#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Which layer may use what, read from the archives: what is undefined in a layer's archive must
# be on that layer's list, or be a gs_ name that a layer beneath it defines. So no effect can
# hide in core, and none can be laundered through base. Includes are checked as well, and the
# check is made to fail once, so that its silence means something.

set -u
src=${abs_top_srcdir:-$PWD}
# shellcheck source=tests/tap.sh
. "$src/tests/tap.sh"
build=${abs_top_builddir:-$PWD}
NM=${NM:-nm}
CC=${CC:-cc}
AR=${AR:-ar}
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT

# What the compiler puts in by itself: fortify, stack protector, sanitizers, coverage.
tools='__[a-z0-9_]*_chk|__stack_chk_fail|_GLOBAL_OFFSET_TABLE_|__(a|l|ub|t)san_.*|__sanitizer_.*|__sancov_.*|__gcov_.*|__gcc_personality_v0|_Unwind_Resume|__(start|stop)_.*|__llvm_.*'
text='bcmp|mem(chr|cmp|cpy|mem|move|rchr|set)|raw(mem)chr|str(chr|chrnul|cmp|cspn|ncmp|len|nlen|pbrk|rchr|spn|str|casecmp|ncasecmp)|qsort|bsearch|v?snprintf|inet_pton|inet_ntop|__ctype_(b|tolower|toupper)_loc|free'
memory='malloc|calloc|realloc|free|abort|write|v?asprintf|strerrordesc_np'

core="$text"
base="$text|$memory"
engine="$text|json_[a-z_]*"

# undefined ARCHIVE: "name object" lines
undefined() {
	"$NM" -u -A "$1" 2>"$tmp/err" | sed 's/^[^:]*:\([^:]*\):.* \([^ ]*\)$/\2 \1/' |
		sed 's/@[^ ]*//' | sort -u
}

# defined ARCHIVE...: names
defined() {
	for archive; do
		"$NM" --defined-only -g "$archive"
	done 2>"$tmp/err" | awk 'NF == 3 { print $3 }' | sort -u
}

# check ARCHIVE LIST PROVIDER...: writes to $tmp/log what ARCHIVE may not use
check() {
	checked=$1
	list=$2
	shift 2
	: >"$tmp/log"
	for archive in "$checked" "$@"; do
		[ -s "$archive" ] && continue
		echo "no archive $archive" >"$tmp/log"
		return 1
	done
	defined "$checked" "$@" >"$tmp/defined"
	undefined "$checked" | awk -v allowed="^($list|$tools)\$" '
		NR == FNR { defined[$1] = 1; next }
		$1 in defined || $1 ~ allowed { next }
		{ print $1 " in " $2 }' "$tmp/defined" - >"$tmp/log"
	[ ! -s "$tmp/log" ]
}

# includes PATTERN DIR...: writes to $tmp/log the lines that include what they must not
includes() {
	pattern=$1
	shift
	: >"$tmp/log"
	for dir; do
		[ -d "$src/src/$dir" ] || continue
		grep -rnE "^[[:space:]]*#[[:space:]]*include[[:space:]]+\"(\\.\\./)*($pattern)/" \
			"$src/src/$dir" >>"$tmp/log"
	done
	[ ! -s "$tmp/log" ]
}

# planted CODE NAME: an archive like libcore.a but with CODE must be refused for NAME
planted() {
	cp "$build/libcore.a" "$tmp/planted.a" &&
		echo "$1" >"$tmp/planted.c" &&
		$CC -c -o "$tmp/planted.o" "$tmp/planted.c" 2>"$tmp/log" &&
		"$AR" r "$tmp/planted.a" "$tmp/planted.o" 2>"$tmp/err" || return 1
	check "$tmp/planted.a" "$core" "$build/libbase.a" && return 1
	grep -q "^$2 in planted.o" "$tmp/log"
}

check "$build/libbase.a" "$base"
report $? "base uses memory and one write only"
check "$build/libcore.a" "$core" "$build/libbase.a"
report $? "core uses memory, strings and base only"
check "$build/libengine.a" "$engine" "$build/libcore.a" "$build/libsys.a" "$build/libbase.a"
report $? "engine reaches the system through sys only"
planted 'int open(const char *, int, ...); int f(void); int f(void) { return open("/", 0); }' open
report $? "an open planted in core is found"
planted 'int gs_sys_x(void); int f(void); int f(void) { return gs_sys_x(); }' gs_sys_x
report $? "a call of another layer planted in core is found"
includes 'sys|engine|cmd' core base
report $? "core and base include nothing above them"
includes 'core|engine|cmd' sys
report $? "sys includes base only"
includes 'core' base
report $? "base includes base only"
includes 'cmd' engine
report $? "engine includes nothing above it"
echo "1..$n"
exit "$bad"
