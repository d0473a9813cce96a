# SPDX-License-Identifier: GPL-2.0-or-later
"""leader init, add, remove: ours appears, nobody else's changes."""

import pytest
from lab import fixes
from lab.scene import (
    ETAB,
    FOLLOWER,
    FOLLOWER2,
    SHARE,
    await_in,
    flushes,
    gone_after,
    hold,
    init,
    kill_mountd,
    managed,
    nfsd_threads,
    printed,
    result,
    run_fix,
)

pytestmark = pytest.mark.siege

# Comments, a quoted path, several clients with -options, and an end that glues.
FOREIGN = (
    "# the lab's own exports\n"
    "\n"
    '"/srv/with space"\t10.9.0.0/24(ro,sync)   # read only\n'
    "/srv/plain  -sync,no_subtree_check  10.9.1.1(rw) 10.9.1.2 \\\n"
    "\t10.9.1.3(ro,insecure) \\"
)


@pytest.fixture
def foreign(leader):
    """A leader with exports of others, in force."""
    leader.run('mkdir -p "/srv/with space" /srv/plain')
    leader.put("/etc/exports", FOREIGN)
    leader.run("exportfs -ra")
    return leader.get(ETAB)


def others(leader):
    """The lines of etab that are not the share's."""
    return sorted(line for line in leader.get(ETAB).splitlines() if not line.startswith(SHARE))


def ours(leader):
    """Client and options of each entry of the share in etab."""
    lines = [line.split("\t")[1] for line in leader.get(ETAB).splitlines() if line.startswith(SHARE)]
    return {line.partition("(")[0]: line.partition("(")[2].rstrip(")").split(",") for line in lines}


@pytest.mark.server("running")
def test_foreign_bytes_and_exports_stay(leader, foreign):
    before, threads = others(leader), nfsd_threads(leader)
    init(leader)
    assert leader.get("/etc/exports").startswith(FOREIGN)
    assert others(leader) == before == sorted(foreign.splitlines())
    options = ours(leader)
    assert list(options) == [FOLLOWER]
    for option in ("rw", "sync", "all_squash", "anonuid=1000", "anongid=1000", "subtree_check"):
        assert option in options[FOLLOWER]
    assert "no_root_squash" not in leader.get("/etc/exports")

    leader.run(f"gshare leader add {FOLLOWER2}:ro")
    assert leader.get("/etc/exports").startswith(FOREIGN)
    assert others(leader) == before
    assert "ro" in ours(leader)[FOLLOWER2] and "rw" in ours(leader)[FOLLOWER]

    leader.run(f"gshare leader remove {FOLLOWER2}")
    assert leader.get("/etc/exports").startswith(FOREIGN)
    assert others(leader) == before
    assert list(ours(leader)) == [FOLLOWER]
    assert nfsd_threads(leader) == threads


def test_first_start_of_the_server(leader):
    assert "enabled and started" in init(leader).out
    assert leader.run("systemctl is-enabled nfs-server").out.strip() == "enabled"
    assert int(leader.get("/proc/fs/nfsd/threads")) > 0
    assert list(ours(leader)) == [FOLLOWER]


@pytest.mark.server("running")
def test_tree_as_designed(leader):
    init(leader)
    shown = leader.run(f"find {SHARE} -printf '%P %y %m %u:%g\\n'").out
    assert sorted(shown.splitlines()) == [
        " d 3775 root:ubuntu",
        ".gshare-id f 444 root:root",
        "datasets d 2775 root:ubuntu",
        "files d 2775 root:ubuntu",
        "postgres_backups d 2770 root:ubuntu",
        "postgresql_data d 700 root:root",
        "uploads d 2775 root:ubuntu",
    ]
    acl = leader.run(f"getfacl -pn {SHARE}/datasets").out
    for entry in ("user:1000:rwx", "group:1000:rwx", "default:user:1000:rwx", "default:mask::rwx"):
        assert entry in acl.splitlines()


@pytest.mark.server("running")
@pytest.mark.parametrize("verb", ["init", "add", "remove"])
def test_twice_is_once(leader, verb):
    command = {
        "init": f"gshare leader init --follower {FOLLOWER}",
        "add": f"gshare leader add {FOLLOWER2}",
        "remove": f"gshare leader remove {FOLLOWER2}",
    }[verb]
    init(leader)
    if verb == "remove":
        leader.run(f"gshare leader add {FOLLOWER2}")
    leader.run(f"SUDO_UID=1000 {command}")
    before, flushed = managed(leader), flushes(leader)
    again = leader.run(f"SUDO_UID=1000 {command}")
    assert "nothing to do" in again.out
    assert managed(leader) == before
    assert flushes(leader) == flushed
    assert result(leader, command)["changed"] is False


@pytest.mark.server("running")
def test_dry_run_changes_nothing(leader, foreign):
    before, flushed = managed(leader), flushes(leader)
    shown = leader.run(f"gshare leader init --dry-run --follower {FOLLOWER}").out
    assert f"+{SHARE} {FOLLOWER}(rw,sync,subtree_check,all_squash," in shown
    assert "exportfs -ra" in shown
    assert managed(leader) == before
    assert flushes(leader) == flushed
    assert leader.run(f"test -e {SHARE}", check=False).status == 1


@pytest.mark.server("running")
def test_a_failing_proof_takes_everything_back(leader, foreign):
    """A directory that nobody can write in, though its owner and mode say otherwise."""
    leader.run(f"install -d -m 2775 -g ubuntu {SHARE}/uploads && chattr +i {SHARE}/uploads")
    failed = leader.run(f"SUDO_UID=1000 gshare leader init --follower {FOLLOWER}", check=False)
    assert failed.status == 1 and "WRITE_TEST_FAILED" in failed.err, failed
    assert "nothing was changed" in failed.err
    assert leader.get("/etc/exports") == FOREIGN
    assert sorted(leader.get(ETAB).splitlines()) == sorted(foreign.splitlines())
    assert leader.run(f"ls -A {SHARE}").out == "uploads\n"
    assert f"sudo gshare verify {SHARE} --as 1000:1000" in failed.err
    gone_after(leader, f"gshare verify {SHARE} --as 1000:1000", "VERIFY_LESS")


@pytest.mark.server("running")
def test_a_failed_run_takes_the_account_back(leader):
    """Without an owner and without sudo an account is made; the failure removes it again."""
    leader.run(f"install -d -m 2777 {SHARE}/uploads && chattr +i {SHARE}/uploads")
    failed = leader.run(f"gshare leader init --follower {FOLLOWER}", check=False)
    assert failed.status == 1 and "WRITE_TEST_FAILED" in failed.err, failed
    assert leader.run("getent passwd gshare; getent group gshare", check=False).out == ""


@pytest.mark.server("running")
def test_a_group_without_its_user_is_taken(leader):
    """What a power cut between groupadd and useradd leaves."""
    leader.run("groupadd --system --gid 950 gshare")
    done = leader.run(f"gshare leader init --follower {FOLLOWER}", timeout=90)
    assert "OWNER_GONE" not in done.out
    assert leader.run("getent passwd gshare").out.startswith("gshare:x:950:950:")
    assert "anongid=950" in ours(leader)[FOLLOWER]
    leader.run("sed -i /^gshare:/d /etc/passwd")
    gone_after(leader, "gshare leader status", "OWNER_GONE")


@pytest.mark.server("running")
def test_an_export_made_by_hand_is_not_lost(leader):
    """In force, but in no file: exportfs -ra would end it, so gshare stops before."""
    leader.run("mkdir -p /srv/hand && exportfs -o rw,no_subtree_check 10.9.3.3:/srv/hand")
    before = leader.get(ETAB)
    failed = leader.run(f"gshare leader init --follower {FOLLOWER}", check=False)
    assert failed.status == 1 and "FOREIGN_REMOVED" in failed.err, failed
    assert leader.get(ETAB) == before


@pytest.mark.server("running")
def test_a_broken_file_is_refused_with_its_line(leader):
    leader.put("/etc/exports", "/srv/a 10.9.0.1(ro)\n/srv/b 10.9.0.2(rw,no_such_option)\n")
    before = managed(leader)
    failed = leader.run(f"gshare leader init --follower {FOLLOWER}", check=False)
    assert failed.status == 1 and "/etc/exports:2:" in failed.err, failed
    assert managed(leader) == before


@pytest.mark.server("running")
def test_mountd_dead_is_refused(leader):
    """A flush now would hang every follower's I/O until mountd is back."""
    init(leader)
    kill_mountd(leader)
    assert int(leader.get("/proc/fs/nfsd/threads")) > 0
    flushed, before = flushes(leader), leader.get("/etc/exports")
    failed = leader.run(f"gshare leader add {FOLLOWER2}", check=False)
    dry = leader.run(f"gshare leader add --dry-run {FOLLOWER2}", check=False)
    assert failed.status == 1 and "MOUNTD_DEAD" in failed.err, failed
    assert dry.status == 0 and "MOUNTD_DEAD" in dry.out, dry
    assert (flushes(leader), leader.get("/etc/exports")) == (flushed, before)
    run_fix(dict(fixes.told("", failed.err))["MOUNTD_DEAD"], leader)
    leader.run(f"gshare leader add {FOLLOWER2}")


@pytest.mark.server("running")
def test_no_room_for_etab_is_refused(leader, foreign):
    """exportfs would put a table in force that is cut where the room ends, with status 0."""
    init(leader)
    # Put there whole: rpc.mountd ends when it is asked while there is no etab.
    leader.run("""
    mkdir /tmp/state && mount -t tmpfs -o size=64k state /tmp/state
    cp /var/lib/nfs/etab /tmp/state/
    dd if=/dev/zero of=/tmp/state/filler bs=1k count=1000 status=none
    mount --bind /tmp/state /var/lib/nfs && umount -l /tmp/state
    """)
    before, flushed = managed(leader), flushes(leader)
    failed = leader.run(f"gshare leader add {FOLLOWER2}", check=False)
    assert failed.status == 1 and "STATE_FULL" in failed.err, failed
    assert "nothing was changed" in failed.err and "df /var/lib/nfs" in failed.err
    assert (managed(leader), flushes(leader)) == (before, flushed)
    leader.run("rm /var/lib/nfs/filler")
    leader.run(f"gshare leader add {FOLLOWER2}")
    assert others(leader) == sorted(foreign.splitlines())
    # The server's own programs have files open there.
    leader.run("cp /var/lib/nfs/etab /tmp/ && umount -l /var/lib/nfs && cp /tmp/etab /var/lib/nfs/")


# Takes every question and answers none.
SILENT_NAME_SERVER = """python3 -c '
import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.9", 53))
time.sleep(120)'"""


@pytest.mark.server("running")
def test_a_silent_name_server(leader, foreign):
    """A name that is asked for, and a name that stands in a file of somebody else's."""
    init(leader)
    server = leader.start(SILENT_NAME_SERVER)
    leader.put("/etc/resolv.conf", "nameserver 127.0.0.9\n")
    before, flushed = managed(leader), flushes(leader)
    for words in ("add gpu-9.example", "init --follower gpu-9.example", "remove gpu-9.example"):
        failed = leader.run(f"gshare leader {words}", check=False)
        print(words, failed.seconds, failed.err)
        assert failed.status == 1 and "NAME_SERVER_TIMEOUT" in failed.err, (words, failed)
        assert "nothing was changed" in failed.err and failed.seconds < 10.5, (words, failed)
        assert (managed(leader), flushes(leader)) == (before, flushed)
    leader.run("mkdir -p /etc/exports.d; echo '/srv/named gpu-8.example(ro)' >/etc/exports.d/named.exports")
    before = managed(leader)
    failed = leader.run(f"gshare leader add {FOLLOWER2}", check=False)
    print(failed.seconds, failed.err)
    assert failed.status == 1 and "gpu-8.example" in failed.err, failed
    assert "/etc/exports.d/named.exports:1" in failed.err, failed
    assert failed.seconds < 10.5, failed
    assert (managed(leader), flushes(leader)) == (before, flushed)
    unchanged = leader.run(f"gshare leader add {FOLLOWER}")
    assert "nothing to do" in unchanged.out and "NAME_SERVER_TIMEOUT" in unchanged.out, unchanged
    status = leader.run("gshare leader status", check=False)
    assert "NAME_SERVER_TIMEOUT" in status.out and status.seconds < 3, status
    server.stop()


@pytest.mark.server("running")
def test_an_ordinary_user_may_look_but_not_touch(leader):
    init(leader)
    su = "setpriv --reuid 1000 --regid 1000 --clear-groups"
    assert leader.run(f"{su} gshare leader add -n {FOLLOWER2}").status == 0
    refused = leader.run(f"{su} gshare leader add {FOLLOWER2}", check=False)
    assert refused.status == 4 and "sudo" in refused.err, refused


@pytest.mark.server("running")
def test_a_second_gshare_waits_its_turn(leader):
    init(leader)
    # Lock files are held by flock(2): hold it as another gshare would.
    lock = "/run/gshare/lock"
    holder = leader.start(f"flock {lock} sleep 20 & echo $! >/tmp/holder; wait")
    leader.run(f"for i in $(seq 50); do flock -n {lock} true || exit 0; sleep 0.1; done")
    pid = leader.get("/tmp/holder").strip()
    refused = leader.run(f"gshare leader add {FOLLOWER2} --wait 0", check=False)
    assert refused.status == 5 and f"(pid {pid})" in refused.err, refused
    waits = leader.start(f"gshare leader add {FOLLOWER2} --wait 30 2>&1")
    await_in(leader, "pgrep -f 'wait 30'")
    holder.stop()
    said = waits.wait(timeout=60)
    assert said.status == 0 and "waiting up to 30 s" in said.out, said


@pytest.mark.server("running")
def test_destroy_keeps_every_byte(leader, foreign, follower):
    before, threads = others(leader), nfsd_threads(leader)
    init(leader)
    follower.run(f"gshare follower mount {leader.address}", timeout=40)
    follower.run(f"echo kept >{SHARE}/files/kept")
    job = hold(follower, f"exec 9>>{SHARE}/files/kept; sleep 60")
    busy = leader.run("gshare leader destroy --yes --drain 1", check=False)
    assert busy.status == 1 and "FILES_OPEN" in busy.err, busy
    removing = leader.run(f"gshare leader remove {FOLLOWER} --drain 1", check=False)
    assert removing.status == 1 and "FILES_OPEN" in removing.err, removing
    assert list(ours(leader)) == [FOLLOWER]
    run_fix(printed(removing, "FILES_OPEN"), leader)
    assert not ours(leader)
    leader.run("gshare undo")
    asked = leader.run("gshare leader destroy", check=False)
    assert asked.status == 2 and list(ours(leader)) == [FOLLOWER]
    tree = f"find {SHARE} -not -name .gshare-id -not -path {SHARE} -printf '%p %m %u %g %s %T@\\n'"
    kept = leader.run(tree).out
    run_fix(printed(busy, "FILES_OPEN"), leader)
    job.stop()
    assert others(leader) == before and not ours(leader)
    assert leader.get("/etc/exports").rstrip("\n") == FOREIGN.rstrip("\n")
    assert leader.run(tree).out == kept
    assert leader.run(f"test -e {SHARE}/.gshare-id", check=False).status == 1
    assert nfsd_threads(leader) == threads
    again = result(leader, "gshare leader destroy --yes")
    assert again["changed"] is False


@pytest.mark.server("running")
def test_another_owner(leader, follower):
    leader.run("useradd --uid 2000 --no-create-home data")
    init(leader)
    follower.run(f"gshare follower mount {leader.address}", timeout=40)
    follower.run(f"echo old >{SHARE}/files/old")
    shown = result(leader, "gshare leader init --owner data")
    assert "OWNER_CHANGED" in [finding["id"] for finding in shown["findings"]]
    follower.run(f"echo new >{SHARE}/files/new")
    assert leader.run(f"stat -c '%U %G' {SHARE}/files/new {SHARE}/files/old").out.split() == [
        "data", "data", "ubuntu", "ubuntu"]
    refused = follower.run(f"echo more >>{SHARE}/files/old", check=False)
    assert refused.status != 0
    (told,) = [finding for finding in shown["findings"] if finding["id"] == "OWNER_CHANGED"]
    run_fix(told["fix"], leader)
    follower.run(f"echo more >>{SHARE}/files/old && rm {SHARE}/files/old")
    again = result(leader, "gshare leader init --owner data")
    assert again["changed"] is False


@pytest.mark.server("running")
def test_which_of_two_entries_counts(leader, follower):
    """By the kind of client, then by the order of the files: not by narrowness."""
    wide, narrow = "192.168.0.0/16", "192.168.18.0/24"
    leader.run("mkdir -m 777 /srv/x")
    cases = [(f"{wide}(ro) {narrow}(rw)", False), (f"{narrow}(rw) {wide}(ro)", True),
             (f"{wide}(rw) {FOLLOWER}(ro)", False), (f"*(ro) {wide}(rw)", True)]
    for words, writes in cases:
        leader.put("/etc/exports", f"/srv/x {words}\n")
        leader.run("exportfs -ra")
        follower.run(f"mount -t nfs4 {leader.address}:/srv/x /mnt", timeout=60)
        tried = follower.run("touch /mnt/file", check=False)
        follower.run("umount /mnt")
        assert (tried.status == 0) == writes, (words, tried)
