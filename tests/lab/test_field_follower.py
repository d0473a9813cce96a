# SPDX-License-Identifier: GPL-2.0-or-later
"""A follower's own wishes survive, and every way to write an address or a mount works."""

import pytest
from lab import scene
from lab.lab import LEADER
from lab.scene import SHARE, init, mount, result

pytestmark = pytest.mark.server("running")

V6, OWN6 = "fd00:77::21", "fd00:77::31"
STATUS = "gshare follower status"
UNMOUNT = "gshare follower unmount"


@pytest.fixture
def share(leader, follower):
    """A share that the follower may mount, with a server that no longer waits for old clients."""
    init(leader)
    leader.run("echo Y >/proc/fs/nfsd/v4_end_grace", check=False)
    return leader, follower


def findings(guest, command, status=0):
    return {f["id"]: f for f in result(guest, command, status)["findings"]}


def line_of(guest, target=SHARE):
    """Return the fields of the only entry for a target."""
    lines = [line.split() for line in guest.get("/etc/fstab").splitlines() if line[:1] != "#"]
    lines = [line for line in lines if line[1:2] == [target]]
    assert len(lines) == 1, lines
    return lines[0]


def kernel_options(guest, target=SHARE):
    return guest.run(f"findmnt -kno OPTIONS {target}").out.strip().split(",")


def run_fix(guest, finding):
    """Run a printed fix as it is printed."""
    return scene.run_fix(finding["fix"], guest)


@pytest.fixture
def six(leader, follower):
    for guest, addr in ((leader, V6), (follower, OWN6)):
        guest.run(f"ip -6 addr replace {addr}/64 dev vec0 nodad; ip6tables -F || true")
    words = f"--follower {OWN6} --follower 192.168.18.8"
    leader.run(f"SUDO_UID=1000 gshare leader init {words}", timeout=90)
    leader.run("echo Y >/proc/fs/nfsd/v4_end_grace", check=False)
    yield leader, follower
    # Before the addresses go: a mount whose server is away would hold the reset up.
    follower.run("umount -a -f -l -t nfs4", check=False)
    for guest, addr in ((leader, V6), (follower, OWN6)):
        guest.run(f"ip -6 addr del {addr}/64 dev vec0", check=False)


def test_ipv6_is_mounted_at_once_and_by_its_line(six):
    leader, follower = six
    mount(follower, V6)
    assert "proto=tcp6" in kernel_options(follower)
    source, _, _, options = line_of(follower)[:4]
    assert source == f"[{V6}]:{SHARE}" and "proto=tcp6" in options.split(",")
    assert not result(follower, f"gshare follower mount {V6}")["changed"]
    follower.run(f"umount {SHARE} && mount -a")
    assert "proto=tcp6" in kernel_options(follower)
    assert result(follower, STATUS)["ok"]
    assert result(follower, "gshare verify")["ok"]
    assert f"POSTGRES_HOST={V6}\n" in follower.run("gshare env follower").out
    follower.run("gshare follower remount --ro && gshare follower remount --rw")
    # What an earlier gshare wrote, and a remount and a mount adopt.
    follower.run("sed -i s/proto=tcp6/proto=tcp/ /etc/fstab")
    assert not result(follower, "gshare follower remount")["changed"]
    mount(follower, f"[{V6}]:{SHARE}")
    assert "proto=tcp6" in line_of(follower)[3].split(",")
    # By its other address it is one file system, of which the kernel shows the first source.
    mount(follower, f"{LEADER} /mnt/b")
    assert follower.run("findmnt -kno SOURCE /mnt/b").out.strip() == f"[{V6}]:{SHARE}"
    source, _, _, options = line_of(follower, "/mnt/b")[:4]
    assert source == f"{LEADER}:{SHARE}" and "proto=tcp" in options.split(",")
    assert not result(follower, f"gshare follower mount {LEADER} /mnt/b")["changed"]
    assert result(follower, f"{STATUS} /mnt/b")["ok"]
    follower.run("gshare undo && ! mountpoint -q /mnt/b")
    follower.run(f"{UNMOUNT} --forget")


SPELLINGS = ["[{v6}]", "{v6}:{share}", "six", "{link}", "[{link}]:{share}"]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_of_an_ipv6_leader(six, spelling):
    leader, follower = six
    link = leader.run("ip -6 -o addr show dev vec0 scope link").out.split()[3].split("/")[0]
    own = follower.run("ip -6 -o addr show dev vec0 scope link").out.split()[3].split("/")[0]
    word = spelling.format(v6=V6, share=SHARE, link=f"{link}%vec0")
    if "link" in spelling:
        options = "rw,sync,no_subtree_check,all_squash,anonuid=1000,anongid=1000"
        leader.run(f"echo '{SHARE} {own}({options})' >>/etc/exports; exportfs -ra")
    follower.run(f"echo {V6} six >>/etc/hosts")
    mount(follower, f"'{word}'")
    follower.run(f"umount {SHARE} && mount -a && {STATUS} && {UNMOUNT} --forget")
    follower.run("sed -i /six/d /etc/hosts")


def test_a_mount_point_below_the_root_is_made_at_once(share):
    _, follower = share
    for target in ("/m/tmp", "/n"):
        done = mount(follower, f"{LEADER} {target}")
        assert "GUARD" not in done.out + done.err
        assert "i" in follower.run(f"umount {target}; lsattr -d {target}").out.split()[0]
        follower.run(f"{UNMOUNT} {target} --forget; rm -r /{target.split('/')[1]}")


def test_an_entry_that_is_left_out_at_boot(share):
    _, follower = share
    follower.run(f"mkdir -p {SHARE}")
    follower.put("/etc/fstab", f"{LEADER}:{SHARE} {SHARE} nfs noauto,noatime 0 0\n")
    told = findings(follower, f"gshare follower mount {LEADER}")["OPTION_REPLACED"]
    assert "noauto" in told["text"] and "noauto" not in line_of(follower)[3]
    follower.run("sed -i s/noatime/noatime,noauto/ /etc/fstab")
    run_fix(follower, findings(follower, STATUS)["BOOT_NOAUTO"])
    assert "BOOT_NOAUTO" not in findings(follower, STATUS)
    assert "noatime" in line_of(follower)[3] and "noauto" not in line_of(follower)[3]
    follower.run(f"{UNMOUNT} --forget")


def test_options_of_the_administrator_survive(share):
    _, follower = share
    mount(follower)
    more = "nconnect=4,noatime,actimeo=5,x-systemd.before=docker.service"
    follower.run(f"sed -i 's/,nofail/,nofail,{more}/' /etc/fstab; umount {SHARE}; mount -a")
    before = follower.get("/etc/fstab")
    assert more in before
    mount(follower)  # sets the read-ahead, which mount -a does not
    assert follower.get("/etc/fstab") == before
    follower.run(f"gshare follower remount --ro && gshare follower remount --rw && {UNMOUNT}")
    mount(follower)
    assert follower.get("/etc/fstab") == before
    kept = kernel_options(follower)
    assert {"noatime", "acregmin=5", "nosuid"} <= set(kept), kept
    follower.run(f"{UNMOUNT}; sed -i s/,hard,/,soft,/ /etc/fstab")
    told = findings(follower, f"gshare follower mount {LEADER}")
    assert "soft" in told["OPTION_REPLACED"]["text"]
    assert "hard" in line_of(follower)[3].split(",")
    assert "OPTION_REPLACED" not in findings(follower, f"gshare follower mount {LEADER}")


def test_an_automount_point_is_looked_through(share):
    _, follower = share
    mount(follower)
    unit = "mnt-data-shared.automount"
    follower.run(f"{UNMOUNT}; sed -i 's/,nofail/,nofail,x-systemd.automount/' /etc/fstab")
    follower.run(f"systemctl daemon-reload && systemctl start {unit}", timeout=60)
    shown = result(follower, STATUS)
    assert shown["mount"]["automount"] and not shown["mount"]["mounted"]
    idle = [f for f in shown["findings"] if f["id"] == "AUTOMOUNT_IDLE"][0]
    assert "automount: idle" in follower.run(STATUS).out
    done = result(follower, UNMOUNT)
    assert not done["changed"]
    run_fix(follower, idle)
    shown = result(follower, STATUS)
    assert shown["mount"]["mounted"] and shown["mount"]["automount"]
    assert "AUTOMOUNT_IDLE" not in {f["id"] for f in shown["findings"]}
    stays = findings(follower, UNMOUNT)["AUTOMOUNT_STAYS"]
    assert not result(follower, STATUS)["mount"]["mounted"]
    assert "NODE_TYPE=follower" in follower.run("gshare env follower").out
    follower.run(UNMOUNT)
    line = line_of(follower)
    mount(follower)  # by the trigger, which keeps the line
    assert line_of(follower) == line
    follower.run("gshare follower remount --ro; gshare follower remount --rw")
    assert line_of(follower) == line
    follower.run(f"{UNMOUNT} --forget")
    run_fix(follower, stays)
    follower.run("systemctl daemon-reload", timeout=60)
    assert "AUTOMOUNT_STAYS" not in findings(follower, UNMOUNT)
    assert f" {SHARE} " not in follower.run("cat /proc/self/mountinfo").out


def test_fstab_may_be_a_link_for_those_who_read(share):
    _, follower = share
    mount(follower)
    follower.run("mv /etc/fstab /etc/conf-fstab && ln -s conf-fstab /etc/fstab")
    assert result(follower, STATUS)["mount"]["in_fstab"]
    assert result(follower, "gshare verify")["ok"]
    assert "NODE_TYPE=follower" in follower.run("gshare env follower").out
    follower.run(f"{UNMOUNT} && gshare follower mount {LEADER} --no-persist", timeout=60)
    follower.run(UNMOUNT)
    refused = result(follower, f"{UNMOUNT} --forget", 1)["findings"][0]
    assert refused["id"] == "FILE_IS_LINK"
    # A mount that need not write the file is none that replaces it.
    mount(follower)
    run_fix(follower, refused)
    kind = follower.run("stat -c %F /etc/fstab; cmp /etc/fstab /etc/conf-fstab").out
    assert kind == "regular file\n"
    follower.run(f"{UNMOUNT} --forget; rm /etc/conf-fstab")


def test_a_mount_and_a_line_by_hand_are_adopted(share):
    _, follower = share
    follower.run(
        f"mkdir -p {SHARE}; echo '{LEADER}:{SHARE} {SHARE} nfs defaults,nconnect=2,noatime 0 0'"
        f" >>/etc/fstab && mount {SHARE}"
    )
    told = findings(follower, STATUS)
    assert "NOT_PERSISTED" not in told
    # rw, suid and dev are active: one command each, as they are printed.
    fix = told["FOREIGN_LINE"]["fix"]
    command = fix[fix.index("sudo ") :]
    refused = result(follower, command.removeprefix("sudo "), 1)["findings"][0]
    assert refused["id"] == "MOUNT_OPTIONS_DIFFER"
    run_fix(follower, refused)
    follower.run(command, timeout=60)
    options = line_of(follower)[3].split(",")
    assert {"defaults", "nconnect=2", "noatime", "nosuid", "_netdev"} <= set(options)
    assert "FOREIGN_LINE" not in findings(follower, STATUS)
    assert not result(follower, command.removeprefix("sudo "))["changed"]
    assert result(follower, "gshare verify")["ok"]
    follower.run(f"umount {SHARE} && mount -a && {UNMOUNT} --forget")
    assert SHARE not in follower.get("/etc/fstab")
    follower.run(f"echo '{LEADER}:/else {SHARE} nfs noauto 0 0' >>/etc/fstab")
    refused = result(follower, f"gshare follower mount {LEADER}", 1)["findings"][0]
    assert refused["id"] == "FOREIGN_LINE"


def test_a_stale_mount_goes_always(share):
    leader, follower = share
    mount(follower)
    line = follower.get("/etc/fstab")
    for n, how in enumerate(["", "unmount", "unmount --lazy", "unmount --force"]):
        leader.run(
            f"mv {SHARE} /mnt/data/old{n} && mkdir -m 0777 {SHARE}"
            f" && cp -a /mnt/data/old{n}/.gshare-id {SHARE}"
            f" && rm -r /mnt/data/old{n} && exportfs -f"
        )
        # Until the client has asked, the mount does not know that it is stale.
        follower.run(f"for i in 1 2 3 4 5; do ls {SHARE} && sleep 1 || break; done", check=False)
        assert "EXPORT_STALE" in findings(follower, STATUS, 3)
        if not n:
            refused = result(follower, f"gshare follower mount {LEADER}", 1)["findings"][0]
            assert refused["id"] == "EXPORT_STALE" and follower.get("/etc/fstab") == line
            run_fix(follower, refused)
            assert result(follower, STATUS)["ok"]
            continue
        assert result(follower, f"gshare follower {how}")["changed"]
        assert f" {SHARE} " not in follower.run("cat /proc/self/mountinfo").out
        mount(follower)
    # Another share there, with an id of its own: the line is written once that share is mounted.
    leader.run(
        f"mv {SHARE} /mnt/data/old && mkdir -m 0777 {SHARE}"
        f" && printf 'gshare 1\\nid 0badcafe\\n' >{SHARE}/.gshare-id"
        # The other way round nfsd waits for a delegation that the client cannot give back.
        " && rm -r /mnt/data/old && exportfs -f"
    )
    follower.run(f"for i in 1 2 3 4 5; do ls {SHARE} && sleep 1 || break; done", check=False)
    wanted = f"gshare follower mount {LEADER} --id 0badcafe"
    refused = result(follower, wanted, 1)["findings"][0]
    assert follower.get("/etc/fstab") == line and refused["id"] == "EXPORT_STALE"
    run_fix(follower, refused)
    assert "x-gshare.id=0badcafe" in line_of(follower)[3]
    assert not result(follower, wanted)["changed"]
    follower.run(f"{UNMOUNT} --forget")


def test_mounts_that_the_kernel_made_below_go_with_it(share):
    leader, follower = share
    leader.run(
        f"truncate -s 16M /img && mkfs.ext4 -q /img && mkdir -p {SHARE}/datasets/disk/in"
        f" && mount -o loop /img {SHARE}/datasets/disk && touch {SHARE}/datasets/disk/f"
        " && sed -i 's/(rw,/(rw,crossmnt,/' /etc/exports && exportfs -ra"
    )
    mount(follower)
    follower.run(f"ls {SHARE}/datasets/disk")
    below = f" {SHARE}/datasets/disk "
    assert below in follower.run("cat /proc/self/mountinfo").out
    holder = follower.start(f"exec sleep 60 <{SHARE}/datasets/disk/f")
    follower.run("sleep 1")
    busy = follower.run(UNMOUNT, check=False)
    assert "MOUNT_BUSY" in busy.err and "sleep (pid" in busy.err, busy
    holder.stop()
    assert result(follower, UNMOUNT)["changed"]
    assert f" {SHARE}" not in follower.run("cat /proc/self/mountinfo").out
    mount(follower)
    follower.run(f"mount -t tmpfs x {SHARE}/files")
    busy = follower.run(UNMOUNT, check=False)
    assert "MOUNT_BUSY" in busy.err and "files is mounted below it" in busy.err
    follower.run(f"umount {SHARE}/files && {UNMOUNT} --forget")


def test_a_unit_file_that_beats_the_entry_is_named(share):
    leader, follower = share
    line = "/srv/b 192.168.18.8(rw,no_subtree_check)"
    leader.run(f"mkdir -p /srv/b; echo '{line}' >>/etc/exports; exportfs -ra")
    told = scene.finding(follower, f"gshare follower mount {LEADER}", "EXPORT_AMBIGUOUS")
    run_fix(follower, told)
    assert line_of(follower)[0] == f"{LEADER}:{SHARE}"
    unit = "/etc/systemd/system/mnt-data-shared.mount"
    text = f"[Mount]\nWhat={LEADER}:/srv/b\nWhere={SHARE}\nType=nfs\nOptions=vers=4.2\n"
    follower.put(unit, text)
    told = findings(follower, STATUS)["BOOT_UNIT"]
    assert unit in told["text"]
    assert "BOOT_UNIT" in findings(follower, f"gshare follower mount {LEADER} --export {SHARE}")
    follower.run(f"{UNMOUNT}; systemctl daemon-reload", timeout=60)
    follower.run("systemctl start mnt-data-shared.mount", timeout=60)
    seen = findings(follower, STATUS, 3)
    assert "SOURCE_DIFFERS" in seen
    assert "suid" in seen["MOUNT_OPTIONS_DIFFER"]["text"]
    run_fix(follower, told)
    run_fix(follower, seen["SOURCE_DIFFERS"])
    seen = findings(follower, STATUS)
    assert not {"BOOT_UNIT", "SOURCE_DIFFERS", "MOUNT_OPTIONS_DIFFER"} & set(seen)
    # What systemd made of the entry goes with it, and comes with it.
    follower.run(f"{UNMOUNT} --forget; rm {unit}.old", timeout=60)
    start = "systemctl start mnt-data-shared.mount"
    assert follower.run(start, check=False, timeout=60).status
    mount(follower, f"{LEADER} --export {SHARE}")
    follower.run(f"umount {SHARE}; systemctl start mnt-data-shared.mount", timeout=60)
    assert "nosuid" in kernel_options(follower)
    follower.run(f"{UNMOUNT} --forget")


@pytest.mark.shares("/srv/noid")
@pytest.mark.parametrize("dirs", ["one", "one two/three"])
def test_an_export_without_an_id_is_mounted_itself(leader, follower, dirs):
    leader.run(
        f"mkdir -p /srv/noid && cd /srv/noid && mkdir -p {dirs} && "
        "echo '/srv/noid 192.168.18.8(rw,no_subtree_check)' >>/etc/exports && exportfs -ra"
        " && iptables -I INPUT -s 192.168.18.8 -j ACCEPT"
    )
    leader.run("echo Y >/proc/fs/nfsd/v4_end_grace", check=False)
    for mountd in ("", "for i in tcp udp; do iptables -I INPUT -p $i --dport 111 -j REJECT; done"):
        leader.run(mountd or "true")
        shown = follower.run(f"gshare follower mount {LEADER} --dry-run").out
        assert f"{LEADER}:/srv/noid on /srv/noid " in shown, shown


def test_a_second_place_is_told(share):
    _, follower = share
    mount(follower)
    told = findings(follower, f"gshare follower mount {LEADER} /mnt/second")
    assert [m["path"] for m in result(follower, STATUS)["mounts"]] == [SHARE, "/mnt/second"]
    run_fix(follower, told["SHARE_TWICE"])
    assert "SHARE_TWICE" not in findings(follower, f"gshare follower mount {LEADER} /mnt/second")
    assert result(follower, STATUS)["path"] == "/mnt/second"
    follower.run(f"{UNMOUNT} --forget; rmdir /mnt/second")
