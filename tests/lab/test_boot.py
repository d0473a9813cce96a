# SPDX-License-Identifier: GPL-2.0-or-later
"""A follower boots before its leader: the share comes by itself, and containers wait for it."""

import contextlib
import json
import os
import random
import re
import time

import pytest
from lab.lab import LEADER
from lab.scene import SHARE, await_in, finding, gone_after, init, mount, printed, run_fix

pytestmark = [pytest.mark.first, pytest.mark.server("running")]

LATE_S = 60 if os.environ.get("GSHARE_LONG") else 10
MOMENTS = 20 if os.environ.get("GSHARE_LONG") else 2
SEED = os.environ.get("GSHARE_SEED", "gshare")
BOOT_MORE_S = 5
TRIES = 3
PRESENT_S = 10
UNIT = "gshare-mnt-data-shared.service"
DROP_IN = "/etc/systemd/system/docker.service.d/gshare-mnt-data-shared.conf"
WORKS = "while :; do mkdir -p {0}/datasets; date >>{0}/datasets/{1}; sleep 1; done"
# As a container does it: the volume is what is at that place when it starts, and it stays so.
CONTAINER = f"""[Unit]
Description=stands in for a container that writes
[Service]
ExecStart=/usr/bin/unshare --mount --propagation private sh -c \
 'mount --bind {SHARE} /opt; {WORKS.format("/opt", "%N")}'
[Install]
WantedBy=multi-user.target
"""
UNDER = f"mkdir -p /root/under && mount --bind / /root/under && cd /root/under{SHARE}"
NOTHING_LOCAL = f"({UNDER} && find . -mindepth 1); umount /root/under"
MULTI_USER = "systemctl show --value --property=ActiveEnterTimestampMonotonic multi-user.target"
PROPERTIES = "ActiveState,ConditionResult"


def is_running(guest, unit="docker.service"):
    return guest.run(f"systemctl is-active {unit}", check=False).out.strip() == "active"


def seconds_to_multi_user(guest):
    return int(guest.run(MULTI_USER).out) / 1e6


def boot(guest, what):
    """Cut the power, and boot; how long that took the machine itself."""
    guest.run("sync --file-system /")  # the share's leader may be away
    guest.reboot()
    took = seconds_to_multi_user(guest)
    print(f"{what}: multi-user after {took:.1f} s")
    return took


def boot_more(guest, what, bare_s):
    """How much longer a boot takes than without gshare: the least of a few, on a busy machine."""
    more = []
    while len(more) < TRIES and min(more, default=BOOT_MORE_S + 1) > BOOT_MORE_S:
        more.append(boot(guest, what) - bare_s)
    assert min(more) <= BOOT_MORE_S, more
    return min(more)


def journal(guest, unit=UNIT):
    return guest.run(f"journalctl --boot --no-pager --output=cat --unit={unit}").out


@contextlib.contextmanager
def away(leader, verdict):
    """The leader's port is gone: packets are dropped, or refused as without a server."""
    rule = f"INPUT -p tcp --dport 2049 -j {verdict}"
    leader.run(f"iptables -I {rule}")
    try:
        yield
    finally:
        leader.run(f"iptables -D {rule}")


def present_after(follower, began):
    """Wait for the container that waits for the share; how long it took since then."""
    await_in(follower, "systemctl is-active --quiet docker.service", 60)
    took = time.monotonic() - began
    await_in(follower, f"test -s {SHARE}/datasets/docker")
    return took


def check_absent(follower):
    """Nothing is mounted, nothing has started, nothing was written, and status says what goes on.
    """
    assert not is_running(follower)
    shown = follower.run(f"systemctl show --property={PROPERTIES} docker.service").out
    assert shown == "ActiveState=inactive\nConditionResult=no\n"
    assert follower.run(NOTHING_LOCAL).out == ""
    told = finding(follower, "gshare follower status", "NOT_MOUNTED")
    assert f"{UNIT} waits for the leader" in told["text"]


def prepare(leader, follower):
    """A share, and a container that has it, without the guard that would hide a mistake."""
    init(leader)
    follower.put("/etc/systemd/system/docker.service", CONTAINER)
    follower.run("systemctl daemon-reload && systemctl enable docker.service")


def set_guard(follower, sign):
    """Let the bare mount point be written in ("-"), so that what would write there is seen."""
    follower.run(f"{UNDER} && chattr {sign}i . ; cd / && umount /root/under")


@pytest.fixture
def container(follower):
    """What scenes start here must not go on in the next one."""
    yield
    follower.run("systemctl stop docker early other volume", check=False)


def test_boots_with_and_without_the_leader(leader, follower, container):
    prepare(leader, follower)
    bare_s = boot(follower, "without gshare")
    follower.run(f"systemctl stop docker.service; rm -rf {SHARE}")
    mount(follower)
    set_guard(follower, "-")

    with away(leader, "DROP"):
        more_s = boot_more(follower, "packets dropped", bare_s)
        time.sleep(LATE_S)
        check_absent(follower)
    took = present_after(follower, time.monotonic())
    print(f"dropped: boot {more_s:+.1f} s; share {took:.1f} s after the leader")
    assert took <= PRESENT_S
    assert follower.run(NOTHING_LOCAL).out == ""
    ahead = follower.run(f"cat /sys/class/bdi/$(mountpoint -d {SHARE})/read_ahead_kb").out
    assert ahead == "15360\n"
    said = journal(follower)
    assert re.search(r"^waiting for the leader: .*\n.* mounted on .*\nstarting docker.service\n",
                     said, re.M), said

    with away(leader, "REJECT --reject-with tcp-reset"):
        more_s = boot_more(follower, "refused", bare_s)
        check_absent(follower)
    with away(leader, "DROP"):  # it was there for a moment: whatever came of it is whole
        time.sleep(3)
    took = present_after(follower, time.monotonic())
    print(f"refused, came and went: boot {more_s:+.1f} s, share after {took:.1f} s")
    assert took <= PRESENT_S
    assert follower.run(NOTHING_LOCAL).out == ""

    boot_more(follower, "the leader is there", bare_s)
    await_in(follower, "systemctl is-active --quiet docker.service")
    assert follower.run(NOTHING_LOCAL).out == ""
    await_in(follower, f"journalctl -b -u {UNIT} -o cat | grep -q 'is mounted on'")
    told = json.loads(follower.run("gshare follower status --json").out)["findings"]
    assert [found["id"] for found in told] == ["GUARD_LOST"], told  # set_guard() took it
    # Stopped by a hand, it stays so: nobody's start was skipped.
    follower.run(f"systemctl stop docker.service && systemctl restart {UNIT} && sleep 4")
    assert not is_running(follower)


RUN = ("docker run --detach --restart=always --name writer --stop-signal KILL "
       f"--volume {SHARE}:/data box sh -c '{WORKS.format('/data', 'engine')}'")


@pytest.fixture
def engine(follower):
    """The container engine itself."""
    follower.run("/usr/local/lib/lab/docker-on", timeout=90)
    yield
    follower.run("/usr/local/lib/lab/docker-off", timeout=60, check=False)


# As NetworkManager's, it starts after basic.target, which waits for sockets by default.
ONLINE = """[Unit]
Before=network-online.target
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/true
[Install]
WantedBy=network-online.target
"""


def test_containers_of_docker_itself_wait_for_the_share(leader, follower, engine):
    init(leader)
    follower.put("/etc/systemd/system/online.service", ONLINE)
    follower.run("systemctl --quiet enable online.service")
    told = mount(follower)
    assert "docker.service, docker.socket, containerd.service: after the share" in told.out
    follower.run(RUN, timeout=60)
    await_in(leader, f"test -s {SHARE}/datasets/engine")
    set_guard(follower, "-")
    with away(leader, "DROP"):
        boot(follower, "Docker, packets dropped")
        follower.run("docker ps", check=False, timeout=60)  # its socket would start it
        check_absent(follower)
        assert "ordering cycle" not in follower.run("journalctl --boot").out
        leader.run(f"rm {SHARE}/datasets/engine")
    await_in(leader, f"test -s {SHARE}/datasets/engine", 60)
    assert follower.run(NOTHING_LOCAL).out == ""
    # A container that was there too early: named, and the fix is enough.
    set_guard(follower, "+")
    follower.run("docker stop --time 0 writer && gshare follower unmount && docker start writer",
                 timeout=90)
    follower.run(f"gshare follower mount {LEADER}", timeout=60)
    told = gone_after(follower, "gshare follower status", "STARTED_EARLY")
    assert told["fix"].startswith("sudo docker restart "), told
    leader.run(f"rm -f {SHARE}/datasets/engine")
    await_in(leader, f"test -s {SHARE}/datasets/engine", 60)
    # Who forgets the share is told what does not run for want of it.
    with away(leader, "DROP"):
        follower.reboot()
        forgotten = follower.run("gshare follower unmount --forget", timeout=60)
        run_fix(printed(forgotten, "UNITS_SKIPPED"), follower, timeout=60)
        assert is_running(follower)


def test_the_units_and_what_becomes_of_them(leader, follower, container):
    prepare(leader, follower)
    follower.put("/etc/systemd/system/other.service", CONTAINER)
    before = follower.run("find /etc/systemd /etc/fstab -printf '%p %s\n' | sort").out
    refused = follower.run(f"gshare follower mount {LEADER} --before othr", check=False)
    assert refused.status == 1 and "there is no unit 'othr.service'" in refused.err
    assert "systemctl list-unit-files" in printed(refused, "UNIT_UNKNOWN")
    for unit in ("network-online.target", "lab-network", "mnt-data-shared.mount"):
        refused = follower.run(f"gshare follower mount {LEADER} --before {unit}", check=False)
        assert refused.status == 1 and "UNIT_NEEDED" in refused.err + refused.out, refused
    mount(follower, f"{LEADER} --before other")
    verified = f"systemd-analyze verify {UNIT} docker.service other.service"
    said = follower.run(verified)
    assert said.out + said.err == ""
    again = follower.run(f"gshare follower mount {LEADER}")
    assert "nothing to do" in again.out and "docker.service, other.service: after" in again.out

    status = "gshare follower status"
    assert is_running(follower, UNIT)
    follower.run(f"systemctl stop {UNIT}")
    gone_after(follower, status, "NOT_WATCHED")
    follower.run(f"rm {DROP_IN}")
    told = gone_after(follower, status, "BOOT_FILES")
    assert "docker.service can start before the share is there" in told["text"]
    follower.run(f"echo Nice=5 >>/etc/systemd/system/{UNIT}")
    gone_after(follower, status, "BOOT_FILES")
    follower.run(f"ln -sf /dev/null {DROP_IN}")
    stopped = follower.run(f"gshare follower mount {LEADER}", check=False)
    assert stopped.status == 1
    run_fix(printed(stopped, "BOOT_MASKED"), follower)
    follower.run(f"ln -sf /dev/null {DROP_IN}")
    gone_after(follower, status, "BOOT_MASKED")

    follower.run("gshare follower unmount --forget")
    assert follower.run("find /etc/systemd /etc/fstab -printf '%p %s\n' | sort").out == before
    assert not is_running(follower, UNIT)
    follower.run("gshare undo")
    assert is_running(follower, UNIT) and "nothing to do" in again.out
    assert "nothing to do" in follower.run(f"gshare follower mount {LEADER}").out
    follower.run("gshare follower unmount --forget")
    mount(follower, f"{LEADER} --no-persist")
    assert follower.run("find /etc/systemd /etc/fstab -printf '%p %s\n' | sort").out == before


def test_what_the_unit_does_with_a_mount(leader, follower, container):
    prepare(leader, follower)
    mount(follower)
    await_in(follower, f"journalctl -u {UNIT} -o cat | grep -q 'is mounted on'")
    # Who unmounts it wants it away, with what command soever.
    follower.run(f"umount {SHARE}")
    await_in(follower, f"journalctl -u {UNIT} -o cat | grep -q 'it stays so'", 60)
    follower.run("sleep 5")
    assert follower.run(f"mountpoint -q {SHARE}", check=False).status
    # Started too early, past every order: found and named.
    follower.put("/etc/systemd/system/early.service", CONTAINER)
    set_guard(follower, "-")
    follower.run("systemctl daemon-reload && systemctl start early.service")
    await_in(follower, f"test -s {SHARE}/datasets/early")
    follower.run(f"systemctl stop early.service && rm -r {SHARE}/datasets && "
                 "systemctl start early.service")
    await_in(follower, f"test -s {SHARE}/datasets/early")
    follower.run(f"mount {SHARE}")
    told = gone_after(follower, "gshare follower status", "STARTED_EARLY")
    assert "as /opt" in told["text"] and "early.service" in told["fix"]
    await_in(follower, f"test -s {SHARE}/datasets/early")


def test_a_stale_mount_is_replaced_once_nobody_uses_it(leader, follower, container):
    prepare(leader, follower)
    mount(follower)
    await_in(follower, f"journalctl -u {UNIT} -o cat | grep -q 'is mounted on'")
    volume = f"mount --bind {SHARE} /opt && umount {SHARE}; exec sleep 300"
    follower.run("systemd-run --quiet --unit=volume "
                 f"unshare --mount --propagation private sh -c '{volume}'")
    job = follower.start(f"cd {SHARE}/datasets && exec sleep 300")
    await_in(follower, f"fuser -sm {SHARE}")
    leader.run(f"exportfs -ua && cp -a {SHARE} /mnt/data/new && rm -r {SHARE} && "
               f"mv /mnt/data/new {SHARE} && exportfs -ra && exportfs -f", 90)
    await_in(follower, f"journalctl -u {UNIT} -o cat | grep -q 'kept since it is in use'", 120)
    job.stop()
    await_in(follower, f"journalctl -u {UNIT} -o cat | grep -q 'replaces a stale mount'", 60)
    assert finding(follower, "gshare follower status", "EXPORT_STALE") is None
    told = gone_after(follower, "gshare follower status", "MOUNT_REPLACED")
    assert told["fix"] == "sudo systemctl restart volume.service" and "as /opt" in told["text"]
    assert "still on the old mount: sleep" in journal(follower)


PICTURE = f"""
cat /etc/fstab; mountpoint {SHARE}; systemctl is-active {UNIT}
find /etc/systemd/system -name '*gshare*' -exec md5sum '{{}}' + | sort -k 2
find /etc/systemd/system -name '*.d' | sort
find /etc /mnt -xdev -name '.gshare-*' ! -name .gshare-id
{UNDER} 2>/dev/null && lsattr -d . ; cd /; mountpoint -q /root/under && umount /root/under; true
"""
COMMANDS = {"mount": f"gshare follower mount {LEADER}",
            "unmount": f"gshare follower unmount {SHARE} --forget"}


def cut(follower, name, seconds):
    """The power goes while a command runs; then the machine is up again."""
    follower.run("sync")
    job = follower.start(COMMANDS[name])
    time.sleep(seconds)
    was_done = not job.running
    follower.reboot()
    return was_done


def test_the_power_goes(leader, follower, container):
    prepare(leader, follower)
    follower.run("systemctl disable docker.service")  # until there is a share it waits for nothing
    pick, after, seconds = random.Random(SEED), {}, {}
    for name in ("mount", "unmount", "mount", "unmount"):  # with cold caches it takes longer
        seconds[name] = follower.run(COMMANDS[name], 60).seconds
        after[name] = follower.run(PICTURE).out
    for i in range(MOMENTS):
        name, other = ("mount", "unmount") if i % 2 == 0 else ("unmount", "mount")
        follower.run(COMMANDS[other], 60)
        fraction = pick.random()
        was_done = cut(follower, name, fraction * seconds[name])
        found = follower.run("gshare follower status", check=False)
        again = follower.run(COMMANDS[name], 60, check=False)
        twice = follower.run(COMMANDS[name], 60, check=False)
        print(f"{i:2} {name:8} cut at {fraction:.3f} of {seconds[name]:.1f} s, done {was_done}; "
              f"status {found.status}, then {again.status}")
        assert again.status == 0, again
        assert follower.run(PICTURE).out == after[name], f"{i} {name} {fraction}"
        assert "nothing to do" in twice.out, twice
    follower.run(COMMANDS["unmount"], 60)
