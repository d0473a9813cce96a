#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What `gshare explain` says to see an id by hand: every line is one for a shell, of programs that a
# node has, or that the id is about, and no line waits for a server without end. They are not run
# here. The look is made to fail first, so that its silence means something.

set -u
export LC_ALL=C
src=${abs_top_srcdir:-$PWD}
# shellcheck source=tests/tap.sh
. "$src/tests/tap.sh"
build=${abs_top_builddir:-$PWD}
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT

# Of the base system and of what tests/deps installs.
base='bash cat date df dmesg echo exportfs find findmnt fuser getent getfacl grep head id
	ip iptables journalctl ls lsattr modinfo namei nfsidmap nfsstat nft pgrep ping printf
	rpcinfo ss stat sysctl systemctl systemd-detect-virt systemd-tmpfiles tail timedatectl
	uname wc'
# Of what an id is about: behind || where a distribution has the one or the other.
about='apt-cache apt-get apt-mark dnf dpkg repquota rpm'

# commands: "ID<tab>COMMAND" of each command in stdin's "ID<tab>LINE..."
commands() {
	cut -f 1,2 | grep -v '	-$' | sed "s/	on [A-Z]*: /	/; s/  # .*//; s/'[^']*'/''/g; s/ -o [A-Z,]* / /" |
		awk -F '\t' '{ n = split($2, part, / *(\|\||&&|[|;]) */)
			for (i = 1; i <= n; i++) print $1 "\t" part[i] }'
}

# programs: "ID<tab>PROGRAM" of each command of stdin
programs() {
	sed -E 's/	sudo /	/; s/	timeout (-s KILL )?[0-9]+ /	/; s/ .*//' | sort -u
}

# unknown: lines of stdin, as of programs, whose program is in no list
unknown() {
	while IFS='	' read -r id program; do
		# shellcheck disable=SC2086 # lists of words
		printf '%s\n' $base $about | grep -qxF -e "$program" || echo "$id: $program"
	done
}

# endless FILE: its commands that a silent server, or name server, holds
endless() {
	grep -E '	(sudo )?(cat|df|findmnt|fuser|ls|lsattr|namei|stat) .*TARGET' "$1" |
		grep -v -e 'findmnt -t nfs' -e '/proc/'
	grep -E '	(sudo )?(bash|rpcinfo|getent hosts|umount) ' "$1"
	# SIGTERM does not end it
	grep -E 'timeout [0-9]+ rpcinfo ' "$1"
	grep -E '	(sudo )?showmount|	(sudo )?fuser ' "$1"
	grep -E 'ping ' "$1" | grep -v -e '-c [0-9] -W [0-9]'
}

# wrong: stdin's lines that no shell takes
wrong() {
	cut -f 1,2 | grep -v '	-$' | while IFS='	' read -r id line; do
		printf '%s\n' "$line" | sed 's/^on [A-Z]*: //' >"$tmp/line"
		sh -n "$tmp/line" 2>/dev/null && bash -n "$tmp/line" 2>/dev/null ||
			echo "$id: $line"
	done
}

# changing: those of stdin's lines that change something
changing() {
	cut -f 1,2 | sed "s/'[^']*'/''/g; s/  # .*//" |
		grep -E '>|-delete|-exec |exportfs -[arufi]|systemctl (start|stop|restart|enable)' |
		grep -v "	.*''; echo"
}

# looked FILE: all of these
looked() {
	commands <"$1" >"$tmp/commands"
	programs <"$tmp/commands" | unknown
	endless "$tmp/commands"
	wrong <"$1"
	changing <"$1"
}

printf '%s\t%s\n' >"$tmp/bad" \
	A "ls 'PATH" B 'emacs FILE' C 'ls -ld TARGET' D 'on LEADER: showmount -e' \
	E 'sudo exportfs -ra' F 'sudo exportfs -s; rpcinfo -p LEADER' G 'grep x FILE >y' \
	H 'ping LEADER' I 'timeout 5 rpcinfo -t LEADER nfs'
looked "$tmp/bad" | cut -c 1 | sort -u | tr -d '\n' >"$tmp/log"
[ "$(cat "$tmp/log")" = ABCDEFGHI ]
report $? "what is wrong is found"

"$build/tests/t-by-hand" --list >"$tmp/lines" 2>"$tmp/log" && [ -s "$tmp/lines" ]
report $? "there are lines"
looked "$tmp/lines" >"$tmp/log"
[ ! -s "$tmp/log" ]
report $? "each is a command that ends, and changes nothing"
echo "1..$n"
exit "$bad"
