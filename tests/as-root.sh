# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# For commands that people type, as root or not: sourced.

# become_root COMMAND [WORD...]: nothing where this is root; else the command by sudo, with --said
# as its last word: what it will do was said before a password is asked for.
become_root() {
	[ "$(id -u)" -ne 0 ] || return 0
	if ! command -v sudo >/dev/null; then
		echo "$1: this takes root, and there is no sudo: become root, for example with 'su', and run $*" >&2
		exit 1
	fi
	echo "$1: this takes root: calling sudo" >&2
	exec sudo -- "$@" --said
}
