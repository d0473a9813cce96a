#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Every command that is printed for somebody to paste is built by base/command.h, where each value
# enters as one quoted word. Here the sources are looked through for a command that is put together
# otherwise: a text that begins with a command, or has one behind ": " or "&& ", and takes a %s, or
# ends in a blank for something to be added. The look is made to fail, so that its silence means
# something.

set -u
src=${abs_top_srcdir:-$PWD}
# shellcheck source=tests/tap.sh
. "$src/tests/tap.sh"
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT

# texts FILE: its texts, one a line, those that the compiler joins as one; no comments
texts() {
	awk -v RS='\001' -v file="$2" '
	function flush() {
		gsub(/[\t\n]/, " ", text)
		if (text != "")
			print file ": \"" text "\""
		text = ""
	}
	{
		rest = $0
		while (match(rest, /"([^"\\]|\\.)*"|\/\*|\047([^\047\\]|\\.)+\047/)) {
			between = between substr(rest, 1, RSTART - 1)
			token = substr(rest, RSTART, RLENGTH)
			rest = substr(rest, RSTART + RLENGTH)
			if (token == "/*") {
				rest = substr(rest, index(rest, "*/") + 2)
				continue
			}
			if (between !~ /^[ \t\n]*([A-Z_0-9a-z]+[ \t\n]*)?$/)
				flush()
			between = ""
			if (substr(token, 1, 1) == "\"")
				text = text substr(token, 2, length(token) - 2)
			else
				flush()
			if (rest ~ /^[ \t\n]*[A-Z][A-Z0-9_]+/)
				text = text "X" # a constant of the preprocessor
		}
		flush()
	}' "$1"
}

# look DIR: the texts that are wrong, as "file: text"
look() {
	find "$1" -name '*.[ch]' ! -path '*/base/command.[ch]' -print | sort | while IFS= read -r file; do
		texts "$file" "${file#"$1"/}"
	done | grep -E "$text" | grep -vE "$fine"
}

programs='apt-get|apt-mark|chattr|chgrp|chmod|chown|cp|df|dnf|dpkg|echo|exportfs|firewall-cmd|findmnt|fuser|getent|getfacl|grep|groupadd|gshare|install|ip|ip6tables|iptables|journalctl|ln|ls|mkdir|mount|mountpoint|mv|namei|ping|pkill|rm|rmdir|rpc.nfsd|sed|setfacl|showmount|ss|stat|sudo|systemctl|tee|touch|ufw|umount|unshare|useradd|zypper'
value='%[-.*0-9]*[sc]'
# Where a command may begin: at the start, behind what introduces it, behind another command.
text="^[^:]+: \"(([^\"]*(: |&& |; |\\|))?($programs) ([^\"]*$value|([^\"]* )?\"$|[^\"]* \"$))"
# The table's own words for what is typed, and for what is said of programs, not to a shell.
fine='"(gshare )?%s --help"|undo with: sudo gshare undo %u|args.c: "gshare "|opening.c: "gshare "|look: sudo exportfs -v; then on this node: "|"exportfs (drops|stops|would|cuts|knows)|: exportfs (drops|would|stops|leaves)|"mount (point|target)'

look "$src/src" >"$tmp/log"
[ ! -s "$tmp/log" ]
report $? "no command is put together by hand"

mkdir "$tmp/core"
cat >"$tmp/core/bad.c" <<'END'
gs_err_advise(err, "sudo umount '%s'", path);
gs_err_advise(err, "first: sudo gshare follower "
		 "unmount %s", path);
gs_err_advise(err, "on %s run: sudo gshare leader add %s", a, b);
gs_str_adds(out, "rm -f ");
gs_printf("setfacl -m u:%u:rwx %.*s", uid, n, path);
gs_printf("%s: chown root %s", a, b);
END
look "$tmp" >"$tmp/log"
[ "$(wc -l <"$tmp/log")" -eq 6 ]
report $? "one that is would be found"

cat >"$tmp/core/bad.c" <<'END'
gs_err_fix(err, "first: ", "sudo", "umount", path);
gs_err_advise(err, "sudo exportfs -v"); /* sudo umount %s */
gs_err_set(err, ENOENT, "'%s' is exported to nobody", path);
gs_str_addf(out, "%s:%zu: %s: exportfs drops this line", a, n, b);
gs_err_advise(err, "sudo chown root:root " DIR_PATH " && sudo chmod 0700 " DIR_PATH);
END
look "$tmp" >"$tmp/log"
[ ! -s "$tmp/log" ]
report $? "what only speaks of one is not"
echo "1..$n"
exit "$bad"
