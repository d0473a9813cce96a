# SPDX-License-Identifier: GPL-2.0-or-later
"""The lab itself: if these fail, no other result means anything."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from lab.channel import CommandFailed, CommandTimeout
from lab.intruder import SETTLED_ROUNDS, SHARE
from lab.lab import MACHINES
from lab.leftovers import leftovers, processes, sweep
from lab.reset import reset
from lab.scene import settled

pytestmark = pytest.mark.siege

EXPORT = f"mkdir -p {SHARE} && echo '{SHARE} {{}}(rw,sync,no_subtree_check,no_root_squash)' "
EXPORT += ">/etc/exports && exportfs -ra"
MOUNT = f"mkdir -p {SHARE} && timeout 20 mount -t nfs -o vers=4.2 leader:{SHARE} {SHARE}"


def export(leader, client):
    """Export the share to one address by hand."""
    leader.run(EXPORT.format(client))


def reaches(guest, port, address=MACHINES["leader"]):
    """Whether a TCP connection from the guest succeeds within 3 s."""
    command = f"timeout 3 bash -c '</dev/tcp/{address}/{port}'"
    return guest.run(command, check=False).status == 0


# Commands


def test_every_guest_runs_its_own_kernel(lab, intruder):
    boots = {guest.run("cat /proc/sys/kernel/random/boot_id").out for guest in lab.guests.values()}
    names = [guest.run("hostname").out.strip() for guest in lab.guests.values()]
    assert len(boots) == len(MACHINES)
    assert names == list(MACHINES)


def test_no_unit_failed_at_boot(lab, intruder):
    for guest in lab.guests.values():
        assert guest.run("systemctl list-units --failed --plain --no-legend").out == ""


def test_stdout_stderr_and_status_come_apart(follower):
    result = follower.run("echo to-out; echo to-err >&2; exit 7", check=False)
    assert (result.out, result.err, result.status) == ("to-out\n", "to-err\n", 7)


def test_failure_raises_with_its_output(follower):
    with pytest.raises(CommandFailed, match="told why"):
        follower.run("echo told why >&2; exit 1")


def test_death_by_signal_is_128_and_its_number(follower):
    assert follower.run("kill -TERM $$", check=False).status == 128 + signal.SIGTERM


def test_megabytes_come_back_byte_for_byte(follower):
    result = follower.run("head -c 4194304 /dev/urandom | tee /tmp/noise; sha256sum /tmp/noise >&2")
    digest = subprocess.run(
        ["sha256sum"], input=result.out.encode(errors="surrogateescape"), capture_output=True
    ).stdout.split()[0]
    assert result.err.split()[0] == digest.decode()


def test_a_late_command_is_killed_and_shows_what_it_said(follower):
    began = time.monotonic()
    with pytest.raises(CommandTimeout, match="early words") as caught:
        follower.run("echo early words; sleep 61; echo never", timeout=1)
    assert time.monotonic() - began < 10
    assert caught.value.result.out == "early words\n"
    assert follower.run("pgrep -x sleep", check=False).out == ""


def test_a_daemon_left_behind_keeps_nobody_waiting(follower):
    assert follower.run("setsid sleep 30 & echo done", timeout=10).out == "done\n"
    follower.run("until pkill -xf 'sleep 30'; do sleep 0.1; done")  # it may still be in setsid


def test_jobs_run_while_commands_do(follower):
    job = follower.start("echo begun; sleep 30")
    assert follower.run("echo beside").out == "beside\n"
    assert job.running
    deadline = time.monotonic() + 10
    while job.output != "begun\n" and time.monotonic() < deadline:
        time.sleep(0.05)
    assert job.output == "begun\n"
    assert job.stop().status == 128 + signal.SIGKILL


def test_many_commands_at_once_on_all_guests(lab, intruder):
    seen = []

    def ask(guest, number):
        seen.append((guest.name, guest.run(f"sleep 0.2; echo {number}").out.strip(), str(number)))

    threads = [
        threading.Thread(target=ask, args=(guest, number))
        for guest in lab.guests.values()
        for number in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(seen) == len(threads)
    assert all(got == wanted for _, got, wanted in seen)


def test_files_go_in_and_out(follower):
    text = "odd  spacing\t\n# käse \udcff\nno final newline"
    follower.put("/srv/deep/er/file name", text, mode=0o640)
    assert follower.get("/srv/deep/er/file name") == text
    assert follower.run("stat -c %a '/srv/deep/er/file name'").out == "640\n"


# Network


@pytest.mark.server("running")
def test_firewall_lets_in_only_the_nfs_port(lab, leader, follower):
    assert leader.run("rpcinfo -T tcp 127.0.0.1 100000 4").status == 0
    assert reaches(follower, 2049)
    assert not reaches(follower, 111)
    mountd = leader.run("rpcinfo -p | awk '$1 == 100005 && $3 == \"tcp\" {print $4; exit}'").out
    assert not reaches(follower, int(mountd))


@pytest.mark.server("running")
def test_real_nfs_between_real_kernels(pair):
    leader, follower = pair
    export(leader, follower.address)
    follower.run(MOUNT)
    assert "vers=4.2" in follower.run(f"grep {SHARE} /proc/mounts").out
    follower.run(f"echo from the follower >{SHARE}/file")
    assert leader.get(f"{SHARE}/file") == "from the follower\n"


@pytest.mark.server("running")
def test_a_silent_leader_is_heard_again(pair):
    leader, follower = pair
    assert reaches(follower, 2049)
    leader.silence()
    assert not reaches(follower, 2049)
    leader.unsilence()
    deadline = time.monotonic() + 15
    while not reaches(follower, 2049) and time.monotonic() < deadline:
        pass
    assert reaches(follower, 2049)


# The intruder


@pytest.mark.server("running")
@pytest.mark.invited
def test_the_intruder_sees_when_it_is_let_in(leader, intruder):
    export(leader, MACHINES["intruder"])
    attempts = intruder.await_round(SETTLED_ROUNDS)
    evidence = [attempt["evidence"] for attempt in attempts if attempt["verdict"] == "in"]
    assert any("vers=4.2 " in how for how in evidence), attempts
    assert any(f"{MACHINES['leader']}:/:" in how for how in evidence), attempts


@pytest.mark.server("running")
def test_the_intruder_stays_out_of_what_others_are_given(leader, follower, intruder):
    export(leader, follower.address)
    # On a busy machine an attempt has ended before the port answered: it was not let in either.
    verdicts = [attempt["verdict"] for attempt in intruder.await_round(SETTLED_ROUNDS)]
    assert "out" in verdicts and set(verdicts) <= {"out", "down"}, verdicts


def test_the_intruder_finds_no_server_that_is_stopped(leader, intruder):
    assert {attempt["verdict"] for attempt in intruder.await_round(2)} == {"down"}


# Reset


@pytest.mark.server("running")
def test_reset_puts_everything_back(leader, follower):
    def state(guest):
        return guest.run(
            "find /etc /home /mnt /srv /var/lib/nfs/etab -printf '%p %m %U %G %s %l\\n' | sort;"
            "find /etc /home -type f -exec sha256sum {} + | sort; getfacl -R /etc /home /srv;"
            "getfattr -dR -m- /etc /home /srv /mnt; lsattr -d /mnt; iptables -S"
        ).out

    before = {guest.name: state(guest) for guest in (leader, follower)}
    export(leader, follower.address)
    leader.run("useradd gshare; mkdir /var/lib/gshare; iptables -P INPUT ACCEPT; touch /srv/left")
    follower.run(
        f"mkdir -p {SHARE}; chattr +i {SHARE}; echo 'tmpfs /srv tmpfs noauto 0 0' >>/etc/fstab;"
        f"mkdir -p /home/user1/mnt /var/lib/gshare; {MOUNT};"
        "setfacl -m u:1000:rwx /srv; setfattr -n user.a -v b /etc/passwd; chmod 600 /etc/hosts;"
        "cp -p /etc/group /tmp/g; sed -i s/sudo/oduS/ /etc/group; touch -r /tmp/g /etc/group;"
        "rm -r /etc/sudoers.d /etc/localtime; mkdir -p /etc/localtime/a; rm /etc/shells;"
        "touch /home/ubuntu/.bashrc; chattr +i /home/ubuntu/.bashrc;"
        "rm -r /etc/alternatives; ln -s /srv /etc/alternatives;"
        f"sleep 300 >{SHARE}/open & until test -e {SHARE}/open; do sleep 0.1; done"
    )
    leader.silence()
    began = time.monotonic()
    reset([leader, follower], "running")
    seconds = time.monotonic() - began
    assert {guest.name: state(guest) for guest in (leader, follower)} == before
    # What held a file of the share had to go first: the next scenario would share its superblock.
    follower.run("! pgrep -xf 'sleep 300'")
    volumes = "tail -n +2 /proc/fs/nfsfs/volumes"
    assert settled(follower, volumes, "".__eq__) == ""
    for guest in (leader, follower):
        assert "nfs4" not in guest.get("/proc/mounts")
        guest.run("! test -e /var/lib/gshare")
    assert seconds < 30


def test_the_server_is_installed_but_never_started(leader):
    assert leader.run("systemctl is-enabled nfs-server", check=False).out == "disabled\n"
    assert leader.run("systemctl is-active nfs-server", check=False).out == "inactive\n"


def test_a_power_cut_keeps_only_what_was_synced(follower):
    follower.run("echo kept >/srv/kept && sync /srv /srv/kept && echo here >/run/gone")
    first = follower.get("/proc/sys/kernel/random/boot_id")
    follower.kill()
    assert not follower.is_up
    follower.power_on()
    follower.await_boot()
    assert follower.get("/srv/kept") == "kept\n"
    assert follower.get("/proc/sys/kernel/random/boot_id") != first
    follower.run("! test -e /run/gone")


# The end

RUN = """
from lab.lab import Lab
with Lab(['follower']) as lab:
    lab['follower'].run('sleep 60', timeout=90)
"""


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT])
@pytest.mark.parametrize("kernels_only", [True, False], ids=["in boot", "booted"])
def test_a_killed_run_leaves_nothing(lab, end, kernels_only):
    def runs():
        # The power cuts, which may go on beside, end and begin processes all the time.
        return {directory for directory, _ in processes() if not (directory / "lone").exists()}

    known = runs()

    def fresh():
        return runs() - known

    tests = str(Path(__file__).resolve().parents[1])
    environment = {**os.environ, "PYTHONPATH": tests, "PYTHONDONTWRITEBYTECODE": "1"}
    run = subprocess.Popen([sys.executable, "-c", RUN], env=environment, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    mark = "Linux version" if kernels_only else "Serial line 1"
    while time.monotonic() < deadline and run.poll() is None:
        consoles = [directory / "follower/console" for directory in fresh()]
        if any(mark in path.read_text(errors="replace") for path in consoles if path.exists()):
            break
        time.sleep(0.05)
    assert fresh()
    run.send_signal(end)
    run.wait(30)
    if end == signal.SIGKILL:
        sweep()
    assert leftovers() == []
    assert not fresh()
