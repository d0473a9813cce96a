# SPDX-License-Identifier: GPL-2.0-or-later
"""Faults: what scenes of doctor break, each in two ways where there are two.

A row has the cause that doctor names, how it is broken, which command of its fix is run, and what
else restores it.
"""

from lab.doctoring import FIRST, NONE, SECOND
from lab.lab import LEADER
from lab.scene import FOLLOWER, SHARE

DATASETS = f"{SHARE}/datasets"

RESTART = "systemctl restart nfs-server"
ANEW = f"cp -a {SHARE} /mnt/data/new; mv {SHARE} /mnt/data/old; mv /mnt/data/new {SHARE}"
ANEW_BACK = f"rm -rf {SHARE}; mv /mnt/data/old {SHARE}; exportfs -f"
IPTABLES = "iptables-save >/run/iptables; iptables {}"
IPTABLES_BACK = "iptables-restore </run/iptables"


# What a row saves has the cause's name: two of them are broken at once, and restored in turn.


def conf(cause, setting):
    """Return a row that sets something of [nfsd] in a file beside nfs.conf."""
    path = f"/etc/nfs.conf.d/{cause}.conf"
    how = f"mkdir -p /etc/nfs.conf.d; printf '[nfsd]\\n{setting}\\n' >{path}; {RESTART}"
    return cause, how, FIRST, f"rm {path}; {RESTART}"


def main_conf(cause, words):
    """Return a row that sets something of [nfsd] in nfs.conf."""
    kept = f"/run/nfs.conf.{cause}"
    how = f"cp -a /etc/nfs.conf {kept}; nfsconf --file /etc/nfs.conf --set nfsd {words}; {RESTART}"
    return cause, how, FIRST, f"cp -a {kept} /etc/nfs.conf; {RESTART}"


def line(cause, change, which, before="", after=""):
    """Return a row that changes the files of exports; before and after are for what restores."""
    kept = f"/run/exports.{cause}"
    how = f"cp -a /etc/exports {kept}; {change}; exportfs -ra 2>/dev/null || :"
    back = f"{before}cp -a {kept} /etc/exports; rm -rf /etc/exports.d; exportfs -ra{after}"
    return cause, how, which, back


def edit(cause, change, undo):
    """Return a row of a line that is for the administrator to correct: no command does."""
    sed = "sed -i '{}' /etc/exports; exportfs -ra 2>/dev/null || :"
    return cause, sed.format(change), NONE, sed.format(undo)


# The cause, how it is broken, which command of its fix is run, and what else restores it.
SERVER = (
    ("SERVER_NOT_ENABLED", "systemctl disable nfs-server", FIRST, ""),
    ("SERVER_NOT_ENABLED", "rm /etc/systemd/system/multi-user.target.wants/nfs-server.service; "
                           "systemctl daemon-reload", FIRST, ""),
    ("MOUNTD_DEAD", "pkill -KILL -x rpc.mountd", FIRST, ""),
    ("MOUNTD_DEAD", "systemctl kill --signal KILL nfs-mountd", FIRST, ""),
    conf("NFSD_NO_V4", "vers4=n"),
    main_conf("NFSD_NO_V4", "vers4 n"),
    conf("NFSD_ADDRESS", "host=127.0.0.1"),
    main_conf("NFSD_ADDRESS", "host 127.0.0.1"),
)

EXPORTS = (
    edit("NOT_ACTIVE", f"s/{FOLLOWER}(/nosuch.example.org(/",
         f"s/nosuch.example.org(/{FOLLOWER}(/"),
    edit("NOT_ACTIVE", f"s/{FOLLOWER}(/nosuch(/", f"s/nosuch(/{FOLLOWER}(/"),
    edit("EXPORTS_OPTION_UNKNOWN", "s/(rw/(rw,nosuch/", "s/(rw,nosuch/(rw/"),
    edit("EXPORTS_OPTION_UNKNOWN", "s/,subtree_check/,no_subtree_chek/",
         "s/,no_subtree_chek/,subtree_check/"),
    line("EXPORTS_DUPLICATE", f"echo '{SHARE} {FOLLOWER}(ro,subtree_check)' >>/etc/exports", FIRST),
    line("EXPORTS_DUPLICATE", f"mkdir -p /etc/exports.d; echo '{SHARE} {FOLLOWER}"
                              "(ro,subtree_check)' >/etc/exports.d/x.exports", FIRST),
    line("PSEUDO_ROOT", f"mkdir -p /srv/z; echo '/srv/z {FOLLOWER}(ro,subtree_check,fsid=0)' "
                        ">>/etc/exports", SECOND),
    line("PSEUDO_ROOT", f"mkdir -p /srv/z; echo '/srv/z {FOLLOWER}(ro,subtree_check,fsid=root)' "
                        ">>/etc/exports", SECOND),
    ("PATH_MISSING", "mount -t tmpfs none /mnt/data", SECOND, ""),
    ("PATH_MISSING", "mount --bind /srv /mnt/data", SECOND, ""),
    ("ID_MISSING", f"mount -t tmpfs none {SHARE}", SECOND, ""),
    ("ID_MISSING", f"mount --bind /srv {SHARE}", SECOND, ""),
    ("PATH_CLOSED", f"chmod 700 {SHARE}", FIRST, f"chmod 3775 {SHARE}"),
    ("PATH_CLOSED", f"chmod g-x {SHARE}", FIRST, f"chmod 3775 {SHARE}"),
    ("DIR_NOT_WRITABLE", f"setfacl -m m::r-x {DATASETS}", FIRST, ""),
    ("DIR_NOT_WRITABLE", f"setfacl -m u:1000:r-x {DATASETS}", FIRST, ""),
    ("EXPORT_REPLACED", ANEW, FIRST, ANEW_BACK),
    ("EXPORT_REPLACED", f"mv {SHARE} /mnt/data/old; mkdir {SHARE}; cp -a /mnt/data/old/. {SHARE}",
     FIRST, ANEW_BACK),
    line("EXPORT_AROUND", f"echo '/mnt/data {FOLLOWER}(ro,subtree_check)' >>/etc/exports", FIRST,
         f"umount {SHARE}; ", "; exportfs -f"),
    line("EXPORT_AROUND", f"echo '/mnt/data {FOLLOWER}(rw,root_squash,no_subtree_check)' "
                          ">>/etc/exports", FIRST, f"umount {SHARE}; ", "; exportfs -f"),
)

# Also the node where it is broken, and restored.
WAY = (
    ("NO_ROUTE", "follower", "ip addr flush dev vec0", NONE, f"ip addr add {FOLLOWER}/24 dev vec0"),
    ("NO_ROUTE", "follower", "ip link set vec0 down", NONE, "ip link set vec0 up"),
    ("ROUTE_BLOCKED", "follower", f"ip route add prohibit {LEADER}", NONE,
     f"ip route del prohibit {LEADER}"),
    ("ROUTE_BLOCKED", "follower", f"ip route add blackhole {LEADER}", NONE,
     f"ip route del blackhole {LEADER}"),
    ("OWN_FIREWALL", "follower", "iptables -I OUTPUT -p tcp --dport 2049 -j DROP", FIRST,
     "iptables -F OUTPUT"),
    ("OWN_FIREWALL", "follower", "iptables -I OUTPUT -p tcp --dport 2049 -j REJECT", FIRST,
     "iptables -F OUTPUT"),
    ("PORT_FILTERED", "leader", IPTABLES.format("-I INPUT -p tcp --dport 2049 -j DROP"), SECOND,
     IPTABLES_BACK),
    ("PORT_FILTERED", "leader", IPTABLES.format(f"-I INPUT -p tcp -s {FOLLOWER} -j DROP"), SECOND,
     IPTABLES_BACK),
)

MOUNT = (
    ("NOT_NFS", "follower", f"mount -t tmpfs none {SHARE}", FIRST, ""),
    ("NOT_NFS", "follower", f"umount {SHARE}; mkdir -p /srv/l; mount --bind /srv/l {SHARE}", FIRST,
     ""),
    ("SOURCE_DIFFERS", "follower",
     f"umount {SHARE}; mount -t nfs4 {LEADER}:{SHARE}/files {SHARE}", FIRST, ""),
    ("SOURCE_DIFFERS", "follower",
     f"umount {SHARE}; mount -t nfs4 -o ro {LEADER}:{DATASETS} {SHARE}", FIRST, ""),
    ("MOUNT_OPTIONS_DIFFER", "follower", f"mount -o remount,ro {SHARE}", FIRST, ""),
    ("MOUNT_OPTIONS_DIFFER", "follower",
     f"umount {SHARE}; mount -t nfs4 -o soft {LEADER}:{SHARE} {SHARE}", FIRST, ""),
    ("TARGET_NOT_EMPTY", "follower",
     f"umount {SHARE}; chattr -i {SHARE}; echo x >{SHARE}/junk", NONE,
     f"rm {SHARE}/junk; gshare follower mount {LEADER}"),
    ("TARGET_NOT_EMPTY", "follower",
     f"umount {SHARE}; chattr -i {SHARE}; mkdir {SHARE}/junk", NONE,
     f"rmdir {SHARE}/junk; gshare follower mount {LEADER}"),
    ("BOOT_NOAUTO", "follower", f"sed -i '\\|{SHARE}|s/_netdev/_netdev,noauto/' /etc/fstab; "
                                "systemctl daemon-reload", FIRST, ""),
    ("BOOT_NOAUTO", "follower", f"sed -i '\\|{SHARE}|s/nosuid/noauto,nosuid/' /etc/fstab; "
                                "systemctl daemon-reload", FIRST, ""),
    ("BOOT_UNIT", "follower", f"printf '[Mount]\\nWhat={LEADER}:/srv/x\\nWhere={SHARE}\\n"
     "Type=nfs4\\n' >/etc/systemd/system/mnt-data-shared.mount; systemctl daemon-reload", FIRST,
     ""),
    ("BOOT_UNIT", "follower", f"printf '[Mount]\\nWhat=/dev/no\\nWhere={SHARE}\\n' "
     ">/etc/systemd/system/mnt-data-shared.mount; systemctl daemon-reload", FIRST, ""),
)

# On the leader; as above.
ON_LEADER = (
    ("SERVER_DOWN", "systemctl stop nfs-server", FIRST, ""),
    ("SERVER_DOWN", "rpc.nfsd 0", FIRST, ""),
    ("UNIT_MASKED", "systemctl stop nfs-server; systemctl mask nfs-server", FIRST, ""),
    ("UNIT_MASKED", "systemctl mask nfs-server; rpc.nfsd 0", FIRST, ""),
    ("NOT_ACTIVE", f"exportfs -u {FOLLOWER}:{SHARE}", FIRST, ""),
    ("NOT_ACTIVE", "sed -i 's/(rw/(ro/' /etc/exports", FIRST,
     "sed -i 's/(ro,sync/(rw,sync/' /etc/exports; exportfs -ra"),
    ("NOT_IN_FILE", f"exportfs -o rw,sync,subtree_check,all_squash 192.168.18.77:{SHARE}", FIRST,
     "gshare leader remove 192.168.18.77 || :"),  # its fix keeps the follower
    ("NOT_IN_FILE", f"mkdir -p /etc/exports.d; echo '{SHARE} "
                    "192.168.18.78(ro,subtree_check,all_squash)' >/etc/exports.d/x.exports; "
                    "exportfs -ra; rm /etc/exports.d/x.exports", FIRST,
     "gshare leader remove 192.168.18.78 || :"),
    ("DIR_NOT_WRITABLE", f"chown root:root {DATASETS}; chmod 755 {DATASETS}; "
                         f"setfacl -b {DATASETS}", FIRST, ""),
    ("DIR_NOT_WRITABLE", f"chmod 0 {DATASETS}; setfacl -b {DATASETS}", FIRST, ""),
)

# On the follower; where it is broken, how, and the cause that doctor names here.
ON_FOLLOWER = (
    ("NOT_MOUNTED", "follower", f"umount {SHARE}"),
    ("NOT_MOUNTED", "follower", f"umount -l {SHARE}"),
    ("PORT_REFUSED", "leader", "systemctl stop nfs-server"),
    ("EXPORT_DENIED", "leader", f"exportfs -u {FOLLOWER}:{SHARE}"),
)
