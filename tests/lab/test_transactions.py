# SPDX-License-Identifier: GPL-2.0-or-later
"""Transactions on a live leader: followers at work, other gshares, editors, a dead rpc.mountd."""

import re
import time

import pytest
from lab.install import install
from lab.scene import (
    ETAB,
    FOLLOWER,
    FOLLOWER2,
    SHARE,
    flushes,
    init,
    kill_mountd,
    mount,
    nfsd_threads,
)
from lab.test_switch import LONGEST_CALL_S, calls, longest, refusals, start_loop

pytestmark = pytest.mark.siege

FOLLOWER3 = "192.168.18.10"  # booted for these scenarios only

PAIRS = 10
EDIT_S = 36  # of each editor: some 25 runs of gshare, on a busy machine a few
SPARE = [f"10.9.0.{n}" for n in range(40, 46)]  # followers that exist on paper only
EDITOR = "/root/editor.py"

# Edits /etc/exports until it is killed or its rounds are over: as vim does, or as >> does. Prints
# the line that must stand there at last, or all that were appended.
EDITOR_TEXT = """
import os, random, sys, time
kind, seconds = sys.argv[1], float(sys.argv[2])
pick, end, lines, number = random.Random(kind), time.time() + seconds, [], 0
while time.time() < end:
    number += 1
    if kind == "append":
        line = f"# appended {number}\\n"
        with open("/etc/exports", "a") as file:
            time.sleep(pick.choice((0, 0.002)))
            file.write(line)
        lines.append(line)
    else:
        base = open("/etc/exports").read().splitlines(True)
        text = [line for line in base if not line.startswith("# mine")]
        lines = []
        if text == base:
            lines = [f"# mine {number}\\n"]
            text = lines + base if pick.random() < 0.5 else base + lines
        time.sleep(pick.choice((0, 0.005)))
        with open("/etc/.exports.swp", "w") as file:
            file.writelines(text)
        os.rename("/etc/.exports.swp", "/etc/exports")
    time.sleep(pick.random() * 1.5)
sys.stdout.writelines(lines)
"""


OTHER = "/srv/other"
LOOP_S = 24
HAS_CHANGED = ("has changed since it was read", "is open for writing")


@pytest.fixture(scope="module")
def third(request, lab):
    """A third follower."""
    began = time.monotonic()
    guest = lab.add("follower3", FOLLOWER3)
    print(f"the third follower was up after {time.monotonic() - began:.1f} s")
    stage = request.config.getoption("--stage")
    if stage:
        install(stage, [guest])
    yield guest
    guest.kill()
    del lab.guests["follower3"]


@pytest.fixture
def trio(third, leader, follower, follower2):
    """A leader, and three followers that have the share mounted."""
    words = (f"--follower {host}" for host in (FOLLOWER, FOLLOWER2, FOLLOWER3))
    init(leader, " ".join(words))
    followers = follower, follower2, third
    for guest in followers:
        mount(guest)
    return leader, *followers


def entry(leader, host):
    """What file and etab give a follower: "ro", "rw" or None, twice."""
    found = leader.run(f"cat /etc/exports; echo; echo ==; cat {ETAB}").out
    in_file, in_force = found.split("\n==\n")
    return tuple(
        access and access[1]
        for access in (
            re.search(rf"^{SHARE} {host}\((r[ow]),", in_file, re.M),
            re.search(rf"^{SHARE}\t{host}\((r[ow]),", in_force, re.M),
        )
    )


def show(title, done):
    """Print a loop's longest calls."""
    slowest = sorted(done, key=lambda call: -call[2])[:3]
    print(f"{title}: {len(done)} calls, longest",
          ", ".join(f"{call[0]} {call[2]:.3f} s" for call in slowest))


@pytest.mark.server("running")
def test_no_live_follower_waits(trio):
    leader, *followers = trio
    verbs = [
        f"add {SPARE[0]}",
        f"ro {FOLLOWER2} --force",
        f"rw {FOLLOWER2}",
        f"remove {SPARE[0]}",
        f"remove {FOLLOWER3}",
    ]
    if leader.run("gshare leader destroy --help", check=False).status == 0:
        verbs = [f"init {OTHER} --follower {SPARE[1]}", f"destroy --path {OTHER} --yes"] + verbs
    threads = nfsd_threads(leader)
    jobs = [start_loop(guest, LOOP_S, guest.name) for guest in followers]
    time.sleep(3)
    began = time.monotonic()
    for verb in verbs:
        path = "" if OTHER in verb else f" --path {SHARE}"
        done = leader.run(f"SUDO_UID=1000 gshare leader {verb}{path}", 60)
        print(f"{verb}: {done.seconds:.2f} s")
    assert time.monotonic() - began < LOOP_S - 4, "the verbs outlasted the loops"
    first, second, third = (calls(job) for job in jobs)
    for guest, done in zip(followers, (first, second, third)):
        show(guest.name, done)
    assert nfsd_threads(leader) == threads
    assert not [call for call in first if call[3]], "the one that no verb named was refused"
    assert longest(first) < LONGEST_CALL_S
    # Named, and told at once.
    assert refusals(second) and second[-1][3] == 0
    assert longest(second) < LONGEST_CALL_S
    assert third[-1][3], "removed, and still served"

    nobody_waits_without_mountd(leader, followers[:2])


def nobody_waits_without_mountd(leader, followers):
    """A flush now would stop every follower until mountd is back: gshare makes none."""
    kill_mountd(leader)
    flushed, before = flushes(leader), leader.get("/etc/exports")
    jobs = [start_loop(guest, 8, guest.name) for guest in followers]
    time.sleep(2)
    refused = leader.run(f"gshare leader add {SPARE[0]}", check=False)
    dry = leader.run(f"gshare leader add --dry-run {SPARE[0]}", check=False)
    assert refused.status == 1 and "MOUNTD_DEAD" in refused.err, refused
    assert dry.status == 0 and "MOUNTD_DEAD" in dry.out, dry
    assert (flushes(leader), leader.get("/etc/exports")) == (flushed, before)
    for guest, job in zip(followers, jobs):
        done = calls(job)
        show(f"{guest.name} without mountd", done)
        assert not [call for call in done if call[3]]
        assert longest(done) < LONGEST_CALL_S


@pytest.mark.server("running")
def test_two_at_once(leader):
    init(leader)
    tally = {0: 0, 5: 0}
    for _ in range(PAIRS):
        asked = {host: "remove" if entry(leader, host)[0] else "add" for host in SPARE[:2]}
        jobs = {
            host: leader.start(f"echo $$; exec gshare leader {verb} {host}")
            for host, verb in asked.items()
        }
        ended = {host: job.wait(check=False) for host, job in jobs.items()}
        pids = {host: done.out.split()[0] for host, done in ended.items()}
        for host, done in ended.items():
            tally[done.status] = tally.get(done.status, 0) + 1
            assert done.status in (0, 5), done
            wish = "rw" if (asked[host] == "add") == (done.status == 0) else None
            assert entry(leader, host) == (wish, wish), done
            holder = next(pid for peer, pid in pids.items() if peer != host)
            assert done.status == 0 or f"(pid {holder})" in done.err, done
    print(f"{PAIRS} pairs: {tally}")
    assert tally[0] >= PAIRS and entry(leader, FOLLOWER) == ("rw", "rw")


@pytest.mark.server("running")
@pytest.mark.parametrize("kind", ["rename", "append"])
def test_beside_an_editor(leader, kind):
    """As tests/editors.py does it on the host, here on a leader that serves."""
    init(leader)
    leader.put(EDITOR, EDITOR_TEXT)
    editor = leader.start(f"python3 {EDITOR} {kind} {EDIT_S}")
    tally = {"done": 0, "retries": 0, "told": 0, "overwritten": 0}
    turn = 0
    while editor.running:
        host = SPARE[turn % len(SPARE)]
        now = entry(leader, host)[0]
        verb, wish = {None: ("add", "rw"), "rw": ("ro", "ro"), "ro": ("remove", None)}[now]
        done = leader.run(f"gshare leader {verb} {host}", check=False)
        found = entry(leader, host)
        if done.status == 0 and found[0] == wish:
            assert found == (wish, wish), done
            tally["done"] += 1
            turn += 1
            continue
        if done.status == 0:
            # Only an editor that had read before can have written this.
            assert kind == "rename" and found == (now, wish), (done, found)
            tally["overwritten"] += 1
        else:
            assert any(text in done.err for text in HAS_CHANGED), done
            assert done.status == 1 or (done.status, kind) == (6, "rename"), done
            assert found[0] == now, done
            tally["retries" if done.status == 1 else "told"] += 1
        leader.run("exportfs -ra")
    lines = editor.wait().out.splitlines()
    own = [line for line in leader.get("/etc/exports").splitlines()
           if line.startswith(("# mine", "# appended"))]
    print(f"an editor that works by {kind}: {tally}, {len(lines)} lines of its own at last")
    assert own == lines
    assert tally["done"] >= 5
    assert leader.run("ls -A /etc | grep -c '^[.]gshare' || true").out == "0\n"
