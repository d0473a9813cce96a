#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Which layer may use what, read from the archives: what is undefined in a layer's archive must
# be on that layer's list, or be a gs_ name that a layer beneath it defines. So no effect can
# hide in core, and none can be laundered through base. Then folder by folder, by calls and
# includes: tests/layers. Each kind of rule is made to fail once, so that its silence means something.

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

# ---- folders ----------------------------------------------------------------------------------

# holds TREE BUILD: writes to $tmp/log what tests/layers does not allow
holds() {
	python3 "$src/tests/structure.py" check "$1" "$2" >"$tmp/log" 2>&1
}

# A copy of what holds() reads, to plant things in.
plant() {
	rm -rf "$tmp/tree" "$tmp/built" &&
		mkdir -p "$tmp/tree/tests" "$tmp/built" &&
		cp -r "$src/src" "$tmp/tree" &&
		cp "$src/tests/layers" "$tmp/tree/tests" &&
		chmod -R u+w "$tmp/tree" &&
		(cd "$build" && find src -name '*.o' -exec cp --parents {} "$tmp/built" \;)
}

# found WORDS...: what was planted is refused, in these words
found() {
	holds "$tmp/tree" "$tmp/built" && return 1
	grep -qF "$*" "$tmp/log"
}

holds "$src" "$build"
report $? "every folder uses what its row allows, and there is no circle"
plant && echo '#include "core/leader/request.h"' >>"$tmp/tree/src/core/exports/word.c"
found core/exports/word uses core/leader/request: core/exports may not use core/leader
report $? "an include of a folder above is found"
plant && echo >"$tmp/tree/src/core/exports/planted.c" &&
	echo 'int gs_leader_gives(int); int f(void); int f(void) { return gs_leader_gives(0); }' >"$tmp/planted.c" &&
	$CC -c -o "$tmp/built/src/core/exports/libcore_a-planted.o" "$tmp/planted.c"
found core/exports/planted uses core/leader/request: core/exports may not use core/leader
report $? "a call of a folder above is found, where nothing is included"
plant && echo '#include "core/exports/exports.h"' >>"$tmp/tree/src/core/exports/word.h"
found a circle: core/exports/exports core/exports/line core/exports/word
report $? "a circle of files is found"
plant && mkdir "$tmp/tree/src/core/planted" && echo >"$tmp/tree/src/core/planted/planted.c"
found core/planted has no row in tests/layers
report $? "a folder without a row is found"
plant && sed -i 's,^core/format .*,& core/leader,' "$tmp/tree/tests/layers"
found core/format names core/leader, which is no row above it
report $? "a row that names one below it is found"
echo "1..$n"
exit "$bad"
