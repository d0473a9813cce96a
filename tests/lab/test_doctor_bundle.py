# SPDX-License-Identifier: GPL-2.0-or-later
"""doctor --bundle: what somebody who helps would ask for, and none of the secrets beside it."""

import json

import pytest
from lab.scene import FOLLOWER, SHARE, as_user, init, mount, result

TOP = "gshare-bundle"
OURS = {"findings.json", "versions", "report.txt", "exports", "etab", "fstab.nfs", "addresses",
        "mountinfo.nfs", "mountstats", "units", "history", "kernel.nfs"}

# Each secret begins with "hunter", so that one grep finds any of them.
PLANT = r"""
echo '//192.168.18.13/s /mnt/c cifs username=hunter-a,password=hunter-b,noauto 0 0' >>/etc/fstab
[ -e /etc/exports ] || : >/etc/exports
printf '# password=hunter-c and hunter-d\n' >>/etc/exports
mkdir -p /etc/exports.d /etc/nfs.conf.d
echo '# a token: hunter-e' >/etc/exports.d/note.exports
printf '[exportd]\n# secret = hunter-f\n' >/etc/nfs.conf.d/note.conf
printf '[Mount]\nWhat=192.168.18.9:/x\nWhere=/mnt/other\nType=nfs\n%s\n' \
    'Environment="API_KEY=hunter g" SUBKEY=stays' >/etc/systemd/system/mnt-other.mount
printf '[Mount]\nWhat=//h/s\nWhere=/mnt/c\nType=cifs\nOptions=x=hunter-h\n' \
    >/etc/systemd/system/mnt-c.mount
for dir in /root /etc /mnt/data/shared/files; do
    [ ! -d $dir ] || echo POSTGRES_PASSWORD=hunter-i >$dir/cluster.env
done
echo hunter-j >/etc/krb5.keytab
echo 'nfs: x://me:hunter-k@h/y' >/dev/kmsg
"""


def look(guest, file, uid=0):
    """Write a bundle in a guest; return its files, {name: text}, and what was printed."""
    plain, done = (guest.run(as_user(uid, f"gshare doctor {words}"), check=False, timeout=60)
                   for words in ("", f"--bundle {file}"))
    assert done.status == plain.status, (plain, done)
    *lines, last = done.out.splitlines()
    assert lines and last.startswith(f"bundle: {file}, "), done
    assert guest.run(f"stat -c %a {file}").out == "600\n"
    guest.run(f"rm -rf /run/b; mkdir /run/b; tar xf {file} -C /run/b")
    names = guest.run("cd /run/b; find . -type f").out.split()
    assert f" {len(names)} files, " in last, (names, last)
    assert all(name.startswith(f"./{TOP}/") for name in names), names
    grep = guest.run("grep -r hunter /run/b", check=False)
    assert grep.status == 1, grep.out
    texts = {name[len(TOP) + 3:]: guest.get(f"/run/b/{name}") for name in names}
    assert json.loads(texts["findings.json"])["status"] == done.status
    return texts, done


def refused(guest, file, uid=0):
    """Assert that a file that is there is neither replaced nor changed."""
    before = guest.run(f"sha256sum {file}; stat -c '%i %Y %a' {file}").out
    told = result(guest, as_user(uid, f"gshare doctor --json --bundle {file}"), 1)["findings"]
    assert "exists, and is not replaced" in told[0]["text"], told
    assert guest.run(f"sha256sum {file}; stat -c '%i %Y %a' {file}").out == before


@pytest.mark.server("running")
def test_bundle(leader, follower):
    init(leader)
    mount(follower)
    for guest in (leader, follower):
        guest.run(PLANT)
    shown = {guest.name: look(guest, "/root/b.tar")[0] for guest in (leader, follower)}
    for name, texts in shown.items():
        assert OURS <= set(texts), (name, sorted(texts), texts.get("missing.txt"))
        assert f"/{SHARE.rsplit('/', 1)[1]}" in texts["report.txt"]
        assert "KERNEL=" in texts["versions"] and "ID=debian" in texts["versions"]
        assert 'Environment="API_KEY=<left-out>" SUBKEY=stays' in texts["units"]
        assert "cifs" not in texts["units"] + texts["fstab.nfs"]
        assert texts["exports"].endswith("# password=<left-out>\n")
        assert "x://<left-out>@h/y" in texts["kernel.nfs"], texts["kernel.nfs"]
        assert "<left-out>" in texts["exports.d/note.exports"] + texts["nfs.conf.d/note.conf"]
    ours, theirs = shown["leader"], shown["follower"]
    assert FOLLOWER in ours["exports"] and FOLLOWER in ours["etab"]
    assert int(ours["nfsd/threads"]) and "+4" in ours["nfsd/versions"]
    assert "init" in ours["history"] and "mount" in theirs["history"]
    assert SHARE in theirs["fstab.nfs"] and " - nfs4 " in theirs["mountinfo.nfs"]
    assert "fstype nfs4" in theirs["mountstats"] and "gshare-" in theirs["units"]
    assert "nfsd/threads: " in theirs["missing.txt"] or "nfsd/threads" in theirs
    # What a node has in its files is there byte by byte.
    whole = leader.get("/etc/exports")
    assert ours["exports"] == whole[:whole.index("# password=")] + "# password=<left-out>\n"
    for guest in (leader, follower):
        refused(guest, "/root/b.tar")
        told = result(guest, "gshare doctor --bundle /root/j.tar")["bundle"]
        assert guest.run("stat -c %s /root/j.tar").out == f"{told['bytes']}\n", told
        # Nobody's way, nobody's place: refused before anything is looked at.
        guest.run("mkdir -m 777 /srv/open; ln -s /root/none /root/link")
        assert result(guest, "gshare doctor --bundle /srv/open/b.tar", 1)["findings"][0][
            "id"] == "PATH_OF_OTHERS"
        result(guest, "gshare doctor --bundle /root/link", 1)
        guest.run("[ ! -e /root/none ] && [ ! -e /srv/open/b.tar ]")
        # Nothing is left beside it.
        assert not guest.run("ls -A /root /tmp /srv/open | grep gshare-new", check=False).out


@pytest.mark.server("running")
def test_bundle_of_an_ordinary_user(leader, follower):
    init(leader)
    mount(follower)
    for guest in (leader, follower):
        guest.run(PLANT)
        texts, done = look(guest, "/tmp/u.tar", 1000)
        assert guest.run("stat -c %U /tmp/u.tar").out == "ubuntu\n", done
        assert "history: " in texts["missing.txt"], texts["missing.txt"]
        assert {"findings.json", "versions", "mountinfo.nfs"} <= set(texts)
        refused(guest, "/tmp/u.tar", 1000)
        # Root would not write where a name is that user's.
        assert result(guest, "gshare doctor --bundle /tmp/u.tar", 1)["findings"][0][
            "id"] == "PATH_OF_OTHERS"
        # A directory of one's own is as good, also with sudo, and that of another user is not.
        guest.run("install -d -o 1000 -g 1000 /srv/mine; install -d -o 1001 -g 1001 /srv/theirs")
        look(guest, "/srv/mine/b.tar", 1000)
        guest.run("SUDO_UID=1000 gshare doctor --bundle /srv/mine/c.tar", check=False)
        assert guest.run("stat -c '%u %a' /srv/mine/c.tar").out == "0 600\n"
        assert result(guest, as_user(1000, "gshare doctor --json --bundle /srv/theirs/b.tar"), 1)


@pytest.mark.server("running")
def test_bundle_while_the_leader_is_silent(leader, follower):
    init(leader)
    mount(follower)
    leader.silence()
    try:
        for n, (words, most) in enumerate((("", 8), ("--timeout 4", 4))):
            done = follower.run(f"gshare doctor --bundle /root/{n}.tar {words}", check=False,
                                timeout=60)
            # Of a guest, which is slow to start programs and to end them.
            assert done.status == 3 and done.seconds < most + 3, done
            follower.run(f"rm -rf /run/b; mkdir /run/b; tar xf /root/{n}.tar -C /run/b")
            found = json.loads(follower.get(f"/run/b/{TOP}/findings.json"))
            assert found["cause"], found
            assert " - nfs4 " in follower.get(f"/run/b/{TOP}/mountinfo.nfs")
        # A place that is on that server: a child asks, and is given up.
        done = follower.run(f"gshare doctor --bundle {SHARE}/files/b.tar", check=False, timeout=60)
        assert done.status == 1 and done.seconds < 8, done
        assert f"'{SHARE}" in done.err, done
    finally:
        leader.unsilence()
