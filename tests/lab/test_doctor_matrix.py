# SPDX-License-Identifier: GPL-2.0-or-later
"""doctor: many causes, each broken in two ways, named on the node where one looks, and fixed.

Rows come in pairs, as doctoring.py tells.
"""

import pytest
from lab.doctoring import FIRST, NONE, SECOND, WAYS, await_well, go_through, look
from lab.lab import LEADER
from lab.scene import FOLLOWER, SHARE, init, mount, run_fix

DATASETS = f"{SHARE}/datasets"

RESTART = "systemctl restart nfs-server"
CONF = "mkdir -p /etc/nfs.conf.d; printf '[nfsd]\\n{}\\n' >/etc/nfs.conf.d/x.conf; " + RESTART
CONF_BACK = f"rm /etc/nfs.conf.d/x.conf; {RESTART}"
MAIN = f"cp -a /etc/nfs.conf /run/nfs.conf; nfsconf --file /etc/nfs.conf --set nfsd {{}}; {RESTART}"
MAIN_BACK = f"cp -a /run/nfs.conf /etc/nfs.conf; {RESTART}"
LINE = "cp -a /etc/exports /run/exports; {}; exportfs -ra 2>/dev/null || :"
LINE_BACK = "cp -a /run/exports /etc/exports; rm -rf /etc/exports.d; exportfs -ra"
ANEW = f"cp -a {SHARE} /mnt/data/new; mv {SHARE} /mnt/data/old; mv /mnt/data/new {SHARE}"
ANEW_BACK = f"rm -rf {SHARE}; mv /mnt/data/old {SHARE}; exportfs -f"
IPTABLES = "iptables-save >/run/iptables; iptables {}"
IPTABLES_BACK = "iptables-restore </run/iptables"

# The cause, how it is broken, which command of its fix is run, and what else restores it.
SERVER = (
    ("SERVER_NOT_ENABLED", "systemctl disable nfs-server", FIRST, ""),
    ("SERVER_NOT_ENABLED", "rm /etc/systemd/system/multi-user.target.wants/nfs-server.service; "
                           "systemctl daemon-reload", FIRST, ""),
    ("MOUNTD_DEAD", "pkill -KILL -x rpc.mountd", FIRST, ""),
    ("MOUNTD_DEAD", "systemctl kill --signal KILL nfs-mountd", FIRST, ""),
    ("NFSD_NO_V4", CONF.format("vers4=n"), FIRST, CONF_BACK),
    ("NFSD_NO_V4", MAIN.format("vers4 n"), FIRST, MAIN_BACK),
    ("NFSD_ADDRESS", CONF.format("host=127.0.0.1"), FIRST, CONF_BACK),
    ("NFSD_ADDRESS", MAIN.format("host 127.0.0.1"), FIRST, MAIN_BACK),
)

EXPORTS = (
    ("NOT_ACTIVE", LINE.format(f"sed -i 's/{FOLLOWER}(/nosuch.example.org(/' /etc/exports"), NONE,
     LINE_BACK),
    ("NOT_ACTIVE", LINE.format(f"sed -i 's/{FOLLOWER}(/nosuch(/' /etc/exports"), NONE, LINE_BACK),
    ("EXPORTS_OPTION_UNKNOWN", LINE.format("sed -i 's/(rw/(rw,nosuch/' /etc/exports"), NONE,
     LINE_BACK),
    ("EXPORTS_OPTION_UNKNOWN", LINE.format("sed -i 's/,subtree_check/,no_subtree_chek/' "
                                           "/etc/exports"), NONE, LINE_BACK),
    ("EXPORTS_DUPLICATE", LINE.format(f"echo '{SHARE} {FOLLOWER}(ro,subtree_check)' "
                                      ">>/etc/exports"), FIRST, LINE_BACK),
    ("EXPORTS_DUPLICATE", LINE.format(
        f"mkdir -p /etc/exports.d; echo '{SHARE} {FOLLOWER}(ro,subtree_check)' "
        ">/etc/exports.d/x.exports"), FIRST, LINE_BACK),
    ("PSEUDO_ROOT", LINE.format(f"mkdir -p /srv/z; echo '/srv/z {FOLLOWER}(ro,subtree_check,"
                                "fsid=0)' >>/etc/exports"), SECOND, LINE_BACK),
    ("PSEUDO_ROOT", LINE.format(f"mkdir -p /srv/z; echo '/srv/z {FOLLOWER}(ro,subtree_check,"
                                "fsid=root)' >>/etc/exports"), SECOND, LINE_BACK),
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
    ("EXPORT_AROUND", LINE.format(f"echo '/mnt/data {FOLLOWER}(ro,subtree_check)' >>/etc/exports"),
     FIRST, f"umount {SHARE}; {LINE_BACK}; exportfs -f"),
    ("EXPORT_AROUND", LINE.format(f"echo '/mnt/data {FOLLOWER}(rw,root_squash,no_subtree_check)' "
                                  ">>/etc/exports"),
     FIRST, f"umount {SHARE}; {LINE_BACK}; exportfs -f"),
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


@WAYS
@pytest.mark.sampled
@pytest.mark.server("running")
def test_the_server(leader, follower, way):
    init(leader)
    mount(follower)
    go_through([(cause, "leader", *row) for cause, *row in SERVER], way, leader, follower)


@WAYS
@pytest.mark.sampled
@pytest.mark.server("running")
def test_what_is_exported(leader, follower, way):
    init(leader)
    mount(follower)
    go_through([(cause, "leader", *row) for cause, *row in EXPORTS], way, leader, follower)


@pytest.mark.server("running")
def test_a_server_that_does_not_start(leader):
    """The unit that has failed is named; a start alone would fail again."""
    init(leader)
    leader.run(f"systemctl stop nfs-server; {CONF.format('host=10.9.9.9')}", check=False)
    shown = look(leader)
    told = shown["findings"][0]
    assert shown["cause"] == told["id"] == "SERVER_DOWN" and "has failed" in told["text"], shown
    again = run_fix(told["fix"], leader, which=SECOND, check=False)
    assert again.status != 0, again
    leader.run("rm /etc/nfs.conf.d/x.conf")
    run_fix(look(leader)["findings"][0]["fix"], leader, which=SECOND)
    await_well(leader, "host=")


@WAYS
@pytest.mark.sampled
@pytest.mark.server("running")
def test_the_way_to_the_leader(leader, follower, way):
    init(leader)
    mount(follower)
    go_through(WAY, way, follower, leader)


@WAYS
@pytest.mark.sampled
@pytest.mark.server("running")
def test_the_mount(leader, follower, way):
    init(leader)
    mount(follower)
    go_through(MOUNT, way, follower, leader)
