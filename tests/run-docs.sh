#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# help = SYNOPSIS of the manual page = completion. The program is right, the others follow:
#   gshare --help        lists every verb below "usage:", in lines "  gshare VERB ..." and what
#                        continues them
#   man/gshare.8         has the same lines in its SYNOPSIS, in the same order
#   the completion       offers each verb, and each option below "options:" in gshare VERB --help,
#                        and no other; the page explains each
#   its MOUNT OPTIONS    have each option of the table, with what it takes, and means or why it is
#                        refused
#   its DIAGNOSTICS      have the id and the meaning of each check and note, and no other
#   data/gshare.schema.json has each verb and each kind of step
# and mandoc finds nothing in the page, style included. GSHARE=PROGRAM is another program to ask.

set -u
export LC_ALL=C NO_COLOR=1
src=${abs_top_srcdir:-$PWD}
# shellcheck source=tests/tap.sh
. "$src/tests/tap.sh"
build=${abs_top_builddir:-$PWD}
gshare=${GSHARE:-$build/gshare}
page=$src/man/gshare.8
completion=$src/data/gshare
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT

# usage: the "gshare ..." lines of stdin, each with what continues it, one blank between words
usage() {
	awk '
		function flush() { if (line != "") print line; line = "" }
		{ match($0, /^ */); indent = RLENGTH; sub(/^ +/, "") }
		indent && /^gshare / { flush(); line = $0; start = indent; next }
		line != "" && indent > start { line = line " " $0; next }
		{ flush() }
		END { flush() }' | tr -s ' '
}

# synopsis: that section of the rendered page, without overstriking
synopsis() {
	mandoc -T ascii -O width=1000 "$page" | sed "s/.$(printf '\b')//g" |
		awk '/^[A-Z]/ { inside = $1 == "SYNOPSIS"; next } inside'
}

# verbs: the words of stdin's usage lines before the first argument
verbs() {
	awk '{
		verb = ""
		for (i = 2; i <= NF && $i ~ /^[a-z]+$/; i++)
			verb = verb (verb == "" ? "" : " ") $i
		if (verb != "" && !seen[verb]++)
			print verb
	}'
}

# offered WORD...: what bash offers for the last word
offered() {
	bash --norc -c '
		source "$1" || exit
		shift
		function=$(complete -p gshare | sed -n "s/.* -F \([^ ]*\) .*/\1/p")
		COMP_WORDS=("$@")
		COMP_CWORD=$(($# - 1))
		COMP_LINE=$*
		COMP_POINT=${#COMP_LINE}
		"$function" gshare "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
		printf "%s\n" "${COMPREPLY[@]}"' - "$completion" "$@" 2>>"$tmp/log" | sed 's/[ =]*$//'
}

# explained: does the page have an item for each option of stdin? "-n," and values aside
explained() {
	while IFS= read -r option; do
		grep -Eq "^\.It (Fl [a-z] , )?Fl $option( |\$)" "$page" || echo "not in the page: -$option"
	done
}

# completes VERB: each of its words is offered after the ones before it, then its options
completes() {
	: >"$tmp/log"
	wanted=$1
	set -- gshare
	for word in $wanted; do
		offered "$@" '' | grep -qx -- "$word" || echo "not offered: $* $word" >>"$tmp/log"
		set -- "$@" "$word"
	done
	offered "$@" -- >"$tmp/offered"
	"$@" --help 2>>"$tmp/log" | sed '1,/^options:$/d' |
		sed -n 's/^ *\(-[a-zA-Z], \)\{0,1\}\(--[a-z-]*\).*/\2/p' >"$tmp/options"
	{
		[ -s "$tmp/options" ] || echo "no options in: $* --help"
		grep -vxF -f "$tmp/offered" "$tmp/options" | sed "s/^/not offered: $* /"
		grep -vxF -f "$tmp/options" "$tmp/offered" | sed "s/^/not an option: $* /"
		sed 's/^-//' "$tmp/options" | explained
	} >>"$tmp/log"
	[ ! -s "$tmp/log" ]
}

gshare() {
	"$gshare" "$@"
}

# diagnostics: "ID<tab>MEANING" of each item in that section of the page
diagnostics() {
	awk '/^\.Sh / { inside = $2 == "DIAGNOSTICS"; next }
		inside && /^\.It Sy / { id = $3; next }
		inside && id != "" { print id "\t" $0; id = "" }' "$page"
}

# mount_options: "NAME<tab>TEXT" of each item in that section of the page, its lines joined
mount_options() {
	awk '/^\.Sh / { inside = $0 == ".Sh MOUNT OPTIONS"; next }
		!inside { next }
		/^\./ { if (id != "") print id "\t" text; id = text = "" }
		/^\.It Sy / { id = $3 }
		/^\./ { next }
		id != "" { text = text (text == "" ? "" : " ") $0 }' "$page"
}

# told_ids: what the sources add as a finding without a check
told_ids() {
	find "$src/src" -name '*.c' -exec cat {} + | tr '\n\t' '  ' |
		grep -o 'gs_findings_add([^;"]*"[A-Z_]*"' | grep -o '"[A-Z_]*"' | tr -d '"'
}

# in_schema: names of stdin that are no string of the schema
in_schema() {
	while IFS= read -r name; do
		grep -Fq "\"$name\"" "$src/data/gshare.schema.json" || echo "not in the schema: $name"
	done
}

# lint: what mandoc has to say, but for which pages and indexes this machine has
lint() {
	mandoc -T lint -W style "$page" 2>&1 |
		grep -v -e 'referenced manual not found' -e 'mandoc.db'
}

command -v mandoc >/dev/null || skip "mandoc is not installed"

gshare --help >"$tmp/help" 2>"$tmp/log"
report $? "gshare --help"
sed '1,/^usage:$/d' "$tmp/help" | usage >"$tmp/lines"
verbs <"$tmp/lines" >"$tmp/verbs"
cp "$tmp/help" "$tmp/log"
[ -s "$tmp/verbs" ]
report $? "help lists verbs"

synopsis 2>"$tmp/log" | usage >"$tmp/synopsis"
diff -u "$tmp/lines" "$tmp/synopsis" >"$tmp/log" 2>&1
report $? "the SYNOPSIS of the page is the usage that help shows"
"$build/tests/t-check" --list >"$tmp/ids" 2>"$tmp/log" && diagnostics >"$tmp/told" &&
	diff -u "$tmp/ids" "$tmp/told" >"$tmp/log" 2>&1
report $? "the DIAGNOSTICS of the page are the ids of checks and notes"
"$build/tests/t-speed" --list >"$tmp/ids2" 2>"$tmp/log" && mount_options >"$tmp/told" &&
	[ -s "$tmp/told" ] && diff -u "$tmp/ids2" "$tmp/told" >"$tmp/log" 2>&1
report $? "the MOUNT OPTIONS of the page are the table, each with its meaning"
told_ids | sort -u >"$tmp/told"
cut -f 1 "$tmp/ids" | sort | comm -13 - "$tmp/told" >"$tmp/log"
[ -s "$tmp/told" ] && [ ! -s "$tmp/log" ]
report $? "every finding of a run is one of them"
grep -oE '"[A-Z0-9_]{4,}"' "$src/src/core/diagnose/follows.c" | sort -u >"$tmp/effects"
find "$src/src" -name '*.c' ! -name follows.c ! -name 'by_hand*' -exec grep -ohE '"[A-Z0-9_]{4,}"' {} + | sort -u |
	comm -13 - "$tmp/effects" >"$tmp/log"
[ -s "$tmp/effects" ] && [ ! -s "$tmp/log" ]
report $? "every cause and effect of doctor is an id of the program"
find "$src/src" -name '*.c' -exec grep -ohE 'gs_err_cause\([^"]*"[A-Z0-9_]+"' {} + |
	grep -oE '[A-Z0-9_]+"' | tr -d '"' | sort -u >"$tmp/errors"
cut -f 1 "$tmp/ids" | sort | comm -13 - "$tmp/errors" >"$tmp/log"
[ -s "$tmp/errors" ] && [ ! -s "$tmp/log" ]
report $? "every cause of an error is explained"
{
	sed -n 's/^\t\.name = "\([A-Z_]*\)",$/\1/p' "$src"/src/core/step/*.c
	cat "$tmp/verbs"
} >"$tmp/told"
in_schema <"$tmp/told" >"$tmp/log"
[ -s "$tmp/told" ] && [ ! -s "$tmp/log" ]
report $? "the schema names every step and every verb"
! lint >"$tmp/log"
report $? "the page is clean for mandoc"

while IFS= read -r verb; do
	completes "$verb" </dev/null
	report $? "completion of $verb"
done <"$tmp/verbs"
echo "1..$n"
exit "$bad"
