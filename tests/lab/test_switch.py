# SPDX-License-Identifier: GPL-2.0-or-later
"""leader ro, rw and status: access changes under a live follower, and nobody waits."""

import json
import time

import pytest
from lab.scene import (
    ETAB,
    FOLLOWER,
    FOLLOWER2,
    SHARE,
    await_writer,
    flushes,
    gone_after,
    init,
    kill_mountd,
    managed,
    mount,
    nfsd_threads,
    printed,
    result,
    run_fix,
)

pytestmark = pytest.mark.siege

LONGEST_CALL_S = 0.5  # the most that one call of a follower may take over a switch
RO_WITHIN_S = 1.0
LOOP = "/root/loop.py"

# Open, write, fsync, close, again and again; each call with its begin, its time and its errno.
LOOP_TEXT = """
import json, os, sys, time
path, seconds = sys.argv[1], float(sys.argv[2])
end, lines = time.time() + seconds, []
def call(name, act):
    begin = time.time()
    try:
        value, error = act(), 0
    except OSError as failed:
        value, error = None, failed.errno
    lines.append((name, begin, time.time() - begin, error))
    return value
while time.time() < end:
    fd = call("open", lambda: os.open(path, os.O_WRONLY | os.O_CREAT, 0o644))
    if fd is None:
        time.sleep(0.02)
        continue
    call("write", lambda: os.pwrite(fd, b"x" * 512, 0))
    call("fsync", lambda: os.fsync(fd))
    call("close", lambda: os.close(fd))
    time.sleep(0.02)
print(json.dumps(lines))
"""
EROFS = 30


def start_loop(guest, seconds, name):
    """Begin the loop in a guest; stop with calls()."""
    guest.put(LOOP, LOOP_TEXT)
    return guest.start(f"python3 {LOOP} {SHARE}/files/{name} {seconds}")


def calls(job, timeout=60):
    """Wait for a loop: its calls as (name, begin, seconds, errno)."""
    return json.loads(job.wait(timeout).out)


def refusals(done):
    """The calls that were refused as on a read-only file system."""
    return [call for call in done if call[3] == EROFS]


def longest(done):
    """The seconds of the longest call."""
    return max(call[2] for call in done)


def now(guest):
    """The guest's own clock."""
    return float(guest.run("date +%s.%N").out)


@pytest.fixture
def cluster(leader, follower, follower2):
    """A leader with two followers that have the share mounted."""
    init(leader, f"--follower {FOLLOWER} --follower {FOLLOWER2}")
    mount(follower)
    mount(follower2)
    return leader, follower, follower2


@pytest.fixture
def couple(leader, follower):
    """A leader with one follower that has the share mounted."""
    init(leader)
    mount(follower)
    return leader, follower


@pytest.mark.server("running")
def test_ro_and_rw_under_a_live_loop(cluster):
    leader, follower, follower2 = cluster
    threads = nfsd_threads(leader)
    mounted = follower.run(f"findmnt -n -o ID {SHARE}").out
    jobs = [start_loop(follower, 12, "one"), start_loop(follower2, 12, "two")]
    time.sleep(3)
    before = now(follower)
    to_ro = leader.run(f"gshare leader ro {FOLLOWER} --force")
    after = now(follower)
    time.sleep(2)
    to_rw = leader.run(f"gshare leader rw {FOLLOWER}")
    done, other = calls(jobs[0]), calls(jobs[1])
    print(to_ro.out, to_rw.out)
    assert f"{FOLLOWER}  rw -> ro   active after" in to_ro.out, to_ro
    assert f"{FOLLOWER}  ro -> rw   active after" in to_rw.out, to_rw
    refused = refusals(done)
    assert refused, "nothing was refused"
    print(f"EROFS {refused[0][1] - before:.2f} s after the command began, which took "
          f"{after - before:.2f} s; longest calls {longest(done):.3f} s, {longest(other):.3f} s")
    assert refused[0][1] - after < RO_WITHIN_S
    assert done[-1][3] == 0 and done[-1][1] > refused[-1][1], "it did not go on after rw"
    assert not [call for call in other if call[3]], "the other follower was refused"
    assert longest(done) < LONGEST_CALL_S and longest(other) < LONGEST_CALL_S
    assert follower.run(f"findmnt -n -o ID {SHARE}").out == mounted
    assert nfsd_threads(leader) == threads


@pytest.mark.server("running")
def test_the_drain_finds_a_gap(couple):
    leader, follower = couple
    job = start_loop(follower, 8, "gap")
    time.sleep(3)
    shown = result(leader, f"gshare leader ro {FOLLOWER}")
    done = calls(job)
    assert refusals(done)
    assert shown["switch"]["open"] == []
    assert shown["switch"]["changes"] == [{"host": FOLLOWER, "from": "rw", "to": "ro"}]
    print(shown["switch"], [f["id"] for f in shown["findings"]])


@pytest.mark.server("running")
def test_a_file_kept_open_is_named(couple):
    leader, follower = couple
    holder = follower.start(f"exec 5>{SHARE}/files/held; sleep 60")
    await_writer(leader, "files/held")
    before, flushed = managed(leader), flushes(leader)
    refused = leader.run(f"gshare leader ro {FOLLOWER} --drain 2", check=False)
    assert refused.status == 1 and "FILES_OPEN" in refused.err, refused
    assert "'files/held' on follower (192.168.18.8)" in refused.err, refused
    waits = "gshare: waiting up to 1 s more for 1 file open for writing: 'files/held' on follower"
    assert refused.err.startswith(waits), refused
    assert "--force" in refused.err and "nothing was changed" in refused.err
    assert 2 < refused.seconds < 9
    assert managed(leader) == before
    # leader add drains too, and so does a run with a deadline of its own.
    again = leader.run(f"gshare leader add {FOLLOWER}:ro --timeout 5", check=False)
    assert again.status == 1 and "FILES_OPEN" in again.err and again.seconds < 9, again
    assert "all that the command's deadline leaves" in again.err, again
    quiet = leader.run(f"gshare leader ro {FOLLOWER} --drain 2 --quiet", check=False)
    assert quiet.status == 1 and "waiting" not in quiet.err, quiet
    assert (managed(leader), flushes(leader)) == (before, flushed)
    added = run_fix(printed(again, "FILES_OPEN"), leader)
    assert "SWITCH_FORCED" in added.out, added
    leader.run(f"gshare leader rw {FOLLOWER}")
    forced = run_fix(printed(refused, "FILES_OPEN"), leader)
    assert "SWITCH_FORCED" in forced.out and "files/held" in forced.out
    holder.stop()


@pytest.mark.server("running")
def test_status(cluster):
    leader, follower, _ = cluster
    leader.run(f"gshare leader ro {FOLLOWER2}")
    holder = follower.start(f"exec 5>{SHARE}/files/held; sleep 60")
    await_writer(leader, "files/held")
    text = leader.run("gshare leader status").out
    print(text)
    assert f"share {SHARE}   healthy" in text
    shown = result(leader, "gshare leader status")
    one, two = shown["shares"][0]["followers"]
    assert (one["host"], one["configured"], one["active"]) == (FOLLOWER, "rw", "rw")
    assert (two["host"], two["configured"], two["active"]) == (FOLLOWER2, "ro", "ro")
    (client,) = one["clients"]
    assert client["name"] == "follower" and client["version"] == "4.2"
    assert client["open_for_write"] == ["files/held"] and 0 <= client["renewed_s"] < 90
    assert two["clients"][0]["open_for_write"] == []
    holder.stop()

    su = "setpriv --reuid 1000 --regid 1000 --clear-groups"
    seen = leader.run(f"{su} gshare leader status", check=False)
    assert seen.status == 0 and "root" in seen.out and f"{FOLLOWER}" in seen.out, seen
    assert "SERVER_NOT_ENABLED" not in seen.out


@pytest.mark.server("running")
def test_status_says_what_is_wrong(leader):
    init(leader, f"--follower {FOLLOWER} --follower {FOLLOWER2}")
    leader.run(f"sed -i 's/{FOLLOWER}(rw/{FOLLOWER}(ro/' /etc/exports")
    leader.run(f"exportfs -i -o rw,no_subtree_check 10.9.3.3:{SHARE}")
    shown = result(leader, "gshare leader status", status=3)
    assert {f["id"] for f in shown["findings"]} >= {"NOT_ACTIVE", "NOT_IN_FILE"}
    assert shown["shares"][0]["healthy"] is False
    (told,) = [f for f in shown["findings"] if f["id"] == "NOT_IN_FILE"]
    run_fix(told["fix"], leader, which=1)
    assert "10.9.3.3" not in leader.get(ETAB)
    leader.run(f"exportfs -i -o rw,no_subtree_check 10.9.3.3:{SHARE}; "
               "systemctl disable nfs-server")
    for ident in ("SERVER_NOT_ENABLED", "EXPORT_ESCAPE"):
        gone_after(leader, "gshare leader status", ident)
    assert "10.9.3.3" not in leader.get(ETAB)
    kill_mountd(leader)
    shown = result(leader, "gshare leader status", status=3)
    assert "MOUNTD_DEAD" in {f["id"] for f in shown["findings"]}
    leader.run("systemctl stop nfs-server", timeout=60)
    began = time.monotonic()
    down = leader.run("gshare leader status", check=False)
    assert down.status == 3 and "SERVER_DOWN" in down.out and time.monotonic() - began < 6, down


@pytest.mark.server("running")
def test_twice_is_once(cluster):
    leader = cluster[0]
    leader.run(f"gshare leader ro {FOLLOWER}")
    before, flushed = managed(leader), flushes(leader)
    again = leader.run(f"gshare leader ro {FOLLOWER}")
    assert "nothing to do" in again.out
    assert (managed(leader), flushes(leader)) == (before, flushed)
    dry = leader.run(f"gshare leader rw -n {FOLLOWER}").out
    assert "exportfs -ra" in dry
    assert (managed(leader), flushes(leader)) == (before, flushed)
    which = leader.run("gshare leader ro", check=False)
    assert which.status == 2 and FOLLOWER in which.err and FOLLOWER2 in which.err, which
    none = leader.run("gshare leader ro 192.168.18.77", check=False)
    assert none.status == 1 and "NOT_EXPORTED" in none.err and "leader status" in none.err, none
    leader.run("gshare leader ro --all")
    assert leader.get(ETAB).count("(ro,") == 2


@pytest.mark.server("running")
def test_beside_the_recipe(couple):
    """The manual's own commands, with the same loop, in the same run: the stalls of both."""
    leader, follower = couple
    job = start_loop(follower, 10, "mine")
    time.sleep(3)
    leader.run(f"gshare leader ro {FOLLOWER} --force")
    time.sleep(1)
    leader.run(f"gshare leader rw {FOLLOWER}")
    mine = calls(job)

    # Clients that looked at the server and left would make its restart wait for them, 90 s.
    leader.run("for c in /proc/fs/nfsd/clients/*; do grep -q Libnfs $c/info && "
               "echo expire >$c/ctl; done; true")
    job = start_loop(follower, 25, "theirs")
    time.sleep(3)
    for old, new in (("rw", "ro"), ("ro", "rw")):
        leader.run(f"sed -i 's/{FOLLOWER}({old}/{FOLLOWER}({new}/' /etc/exports && exportfs -ra && "
                   "systemctl restart nfs-kernel-server", timeout=120)
        follower.run(f"mount -o remount,{new} {SHARE} || true", timeout=120)
        time.sleep(1)
    theirs = calls(job, 200)
    print(f"longest call: gshare {longest(mine):.3f} s, the recipe {longest(theirs):.3f} s, "
          f"ratio {longest(theirs) / longest(mine):.0f}")
    assert longest(mine) < LONGEST_CALL_S
    assert longest(theirs) > longest(mine)


@pytest.mark.server("running")
@pytest.mark.long
def test_beside_the_recipe_with_a_dead_follower(cluster):
    """A dead follower makes a restarted server wait 90 s: gshare does not restart it."""
    leader, follower, follower2 = cluster
    follower2.kill()
    job = start_loop(follower, 10, "mine")
    time.sleep(3)
    leader.run(f"gshare leader ro {FOLLOWER} --force")
    leader.run(f"gshare leader rw {FOLLOWER}")
    mine = calls(job)
    job = start_loop(follower, 150, "theirs")
    time.sleep(3)
    leader.run("systemctl restart nfs-kernel-server", timeout=120)
    theirs = calls(job, 400)
    print(f"longest call beside a dead follower: gshare {longest(mine):.3f} s, a restart "
          f"{longest(theirs):.1f} s, ratio {longest(theirs) / longest(mine):.0f}")
    assert longest(mine) < LONGEST_CALL_S
