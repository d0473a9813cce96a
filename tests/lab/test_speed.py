# SPDX-License-Identifier: GPL-2.0-or-later
"""follower mount --profile and --options: what the kernel has then, and what it takes to change."""

import re

import pytest
from lab.lab import LEADER
from lab.scene import (
    FOLLOWER,
    SHARE,
    as_user,
    await_in,
    finding,
    gone_after,
    hold,
    init,
    managed,
    result,
)

pytestmark = pytest.mark.server("running")

MOUNT = f"gshare follower mount {LEADER}"
STATUS = "gshare follower status"
FILE = f"{SHARE}/files/a"
OTHER = "/mnt/other"


@pytest.fixture
def share(leader, follower):
    init(leader, f"--follower {FOLLOWER} --owner ubuntu")
    return leader, follower


def options(guest, at=SHARE):
    return guest.run(f"findmnt -kno OPTIONS {at}").out.strip().split(",")


def entry(guest):
    return guest.run(f"grep ' {SHARE} nfs4 ' /etc/fstab").out.split()[3].split(",")


def asked(guest):
    """Tell how many connections the entry asks for: 4, or more where the round trip is long.

    It is that on a busy machine, too.
    """
    (count,) = [int(o[9:]) for o in entry(guest) if o.startswith("nconnect=")]
    assert 4 <= count <= 16, count
    return count


def await_connections(guest, expected):
    """Count the TCP connections to the leader that the kernel has, on the wire's side.

    Those of a mount before end after its umount, when the kernel's workqueue comes to them.
    """
    ask = f"ss -Htnp state established dst {LEADER}:2049"
    guest.run(f"for i in $(seq 100); do test $({ask} | wc -l) = {expected} && exit; sleep 0.1; "
              "done", timeout=40)
    told = guest.run(ask).out
    assert len(told.splitlines()) == expected, told


def mount_of(guest):
    return result(guest, STATUS)["mount"]


def test_fast_makes_connections_and_stays(share):
    _, follower = share
    done = follower.run(f"{MOUNT} --profile fast", timeout=60)
    fast = f"nconnect={asked(follower)}"
    assert f"; {fast}" in done.out and "CONNECTIONS_CAPPED" not in done.out, done
    assert "x-gshare.profile=fast" in entry(follower)
    follower.run(f"ls -R {SHARE}; for i in $(seq 20); do stat {SHARE}/f$i; done", check=False)
    await_connections(follower, asked(follower))
    assert mount_of(follower)["connections"] == asked(follower)
    assert mount_of(follower)["profile"] == "fast"
    assert mount_of(follower)["active_options"] == [fast]
    before = managed(follower)
    for words in ("", " --profile fast", f" --options {fast}"):
        again = follower.run(MOUNT + words, timeout=40)
        assert "nothing to do" in again.out and "note:" not in again.out, again
    assert managed(follower) == before
    # By the entry alone, as at boot.
    follower.run(f"umount {SHARE}; mount {SHARE}")
    assert fast in options(follower)
    # What was added by hand stays, what the profile put there goes.
    follower.run(f"sed -i 's/{fast}/{fast},actimeo=30/' /etc/fstab")
    gone_after(follower, f"{MOUNT} --profile default", "OPTIONS_PENDING")
    assert not [o for o in entry(follower) if o.startswith(("nconnect", "x-gshare.profile"))]
    assert "actimeo=30" in entry(follower)


def test_fast_tells_what_an_earlier_mount_decided(share):
    leader, follower = share
    follower.run(f"mkdir {OTHER}; echo '{LEADER}:{SHARE}/files {OTHER} nfs4 vers=4.2,nodev 0 0' "
                 f">>/etc/fstab; mount {OTHER}")
    dry = follower.run(f"{MOUNT} --profile fast --dry-run", timeout=40)
    # How many are worth it is a matter of the round trip, which is long on a busy machine.
    assert re.search(r"the mount has 1 connection \(expected ([4-9]|1\d)\)", dry.out), dry
    done = follower.run(f"{MOUNT} --profile fast", timeout=60)
    assert done.out.count("CONNECTIONS_CAPPED") == 1, done
    await_connections(follower, 1)
    # A part of the share that is mounted by itself is no mount of before.
    assert finding(follower, f"{STATUS} {SHARE}", "MOUNT_REPLACED") is None
    gone_after(follower, f"{STATUS} {SHARE}", "CONNECTIONS_CAPPED")
    follower.run(f"ls {SHARE} {OTHER}; for i in $(seq 20); do stat {SHARE}/f$i; done",
                 check=False)
    await_connections(follower, asked(follower))
    # Its own mount alone: from one connection to all that it asks for.
    follower.run(f"umount {OTHER}; sed -i '\\,{OTHER},d' /etc/fstab; {MOUNT} --profile default; "
                 f"umount {SHARE}; mount {SHARE}; {MOUNT} --profile fast", timeout=90)
    gone_after(follower, MOUNT, "CONNECTIONS_CAPPED")
    assert mount_of(follower)["connections"] == asked(follower)


def test_readonly_dataset_caches_and_is_changed_in_place(share):
    leader, follower = share
    follower.run(MOUNT, timeout=60)
    writer = hold(follower, f"exec sleep 60 >>{FILE}")
    before = managed(follower)
    refused = follower.run(f"{MOUNT} --profile readonly-dataset", check=False, timeout=40)
    assert refused.status == 1 and "MOUNT_BUSY" in refused.err, refused
    assert "sleep (pid " in refused.err and managed(follower) == before
    writer.stop()
    await_in(follower, f"! fuser -sm {SHARE}")
    done = follower.run(f"{MOUNT} --profile readonly-dataset", timeout=40)
    assert "rw,nosuid,nodev -> ro,nosuid,nodev" in done.out, done
    assert "a write was denied" in done.out and "cto (expected nocto)" in done.out
    assert "ro" in options(follower) and "nocto" not in options(follower)
    gone_after(follower, f"{MOUNT} --profile readonly-dataset", "OPTIONS_PENDING")
    assert {"ro", "nocto", "acregmin=600", "acdirmax=600"} <= set(options(follower))
    assert not finding(follower, STATUS, "MOUNT_OPTIONS_DIFFER")
    # What the page says that it means.
    look = f"stat -c %s {FILE}; ls {SHARE}/files; "
    leader.run(as_user("ubuntu", f"echo old >{FILE}"))
    assert follower.run(f"cat {FILE}; {look}").out == "old\n4\na\n"
    leader.run(as_user("ubuntu", f"echo longer >{FILE}; echo >{FILE}2"))
    follower.run("sleep 65", timeout=90)  # longer than the kernel's own times
    assert follower.run(f"{look} cat {FILE}").out == "4\na\nlonger\n"
    assert follower.run(f"{look}").out == "7\na\n"
    # And back, twice.
    follower.run(f"{MOUNT} --profile default; gshare undo", timeout=60)
    assert "x-gshare.profile=readonly-dataset" in entry(follower) and "ro" in options(follower)
    follower.run(f"{MOUNT} --profile default", timeout=40)
    assert "ro" not in options(follower) and "nocto" in options(follower)
    told = gone_after(follower, STATUS, "MOUNT_OPTIONS_DIFFER")
    assert "nocto (expected cto)" in told["text"]
    assert follower.run(f"cat {FILE}").out == "longer\n"


def test_options_are_what_the_kernel_has(share):
    _, follower = share
    words = "noac,timeo=300,retrans=5,lookupcache=pos,rsize=8192,noexec,noresvport"
    refused = follower.run(f"{MOUNT} --options {words}", check=False, timeout=60)
    assert refused.status == 1 and "NFS_PERM" in refused.err, refused  # the export is secure
    words = words.replace(",noresvport", "")
    follower.run(f"{MOUNT} --options {words}", timeout=60)
    assert {*words.split(","), "noexec"} <= set(options(follower))
    assert "timeo=300" in mount_of(follower)["active_options"]
    assert not finding(follower, STATUS, "MOUNT_OPTIONS_DIFFER")
    changed = follower.run(f"{MOUNT} --options exec,ac", timeout=40)
    assert "-> rw,nosuid,nodev" in changed.out and "noac (expected ac)" in changed.out, changed
    assert "noexec" not in options(follower) and "noac" in options(follower)
    assert {"exec", "ac", "timeo=300"} <= set(entry(follower))
    gone_after(follower, f"{MOUNT} --options exec,ac", "OPTIONS_PENDING")
    assert "noac" not in options(follower) and "timeo=300" in options(follower)


REFUSED = [
    ("soft", "writes are lost", "leave it out"),
    ("nolock", "NFS 4 always locks", "leave it out"),
    ("sec=krb5", "sets up AUTH_SYS only", "leave it out"),
    ("ro", "an option of its own", "use --ro"),
    ("nconect=4", "no option of an NFS mount", "did you mean 'nconnect'?"),
    ("nconnect=17", "a number from 1 to 16", ""),
]


def test_what_cannot_be_right_changes_nothing(share):
    _, follower = share
    before = managed(follower)
    for words, why, fix in REFUSED:
        told = follower.run(f"{MOUNT} --options nocto,{words}", check=False)
        assert told.status == 2 and why in told.err and fix in told.err, told
        assert re.search("nothing was changed", told.err)
    assert follower.run(f"{MOUNT} --profile quick", check=False).status == 2
    assert managed(follower) == before
