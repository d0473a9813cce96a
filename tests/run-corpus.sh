#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Replays every file of tests/corpus/NAME with tests/fuzz/fuzz-NAME: seeds and past crashes.
# A fuzz program without a corpus fails, and so does a corpus without a program.

set -u
src=${abs_top_srcdir:-$PWD}
# shellcheck source=tests/tap.sh
. "$src/tests/tap.sh"
build=${abs_top_builddir:-$PWD}
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT

for program in "$build"/tests/fuzz/fuzz-*; do
	if [ ! -f "$program" ] || [ ! -x "$program" ]; then
		continue
	fi
	name=${program##*/fuzz-}
	files=0
	for file in "$src/tests/corpus/$name"/*; do
		[ -f "$file" ] || continue
		files=$((files + 1))
		"$program" "$file" >"$tmp/log" 2>&1
		report $? "corpus/$name/${file##*/}"
	done
	: >"$tmp/log"
	[ "$files" -gt 0 ]
	report $? "fuzz-$name has a corpus"
done

: >"$tmp/log"
for corpus in "$src"/tests/corpus/*/; do
	name=$(basename "$corpus")
	[ -x "$build/tests/fuzz/fuzz-$name" ]
	report $? "corpus/$name has a program"
done
echo "1..$n"
exit "$bad"
