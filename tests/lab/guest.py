# SPDX-License-Identifier: GPL-2.0-or-later
"""Guest: a Linux kernel of its own, run as an ordinary process, with systemd as its init."""

import os
import re
import shlex
import signal
import socket
import subprocess
import time
from pathlib import Path

from lab.channel import Channel, GuestGone
from lab.fixes import RECORD

MEMORY = "512M"
BOOT_S = 180  # 12-18 s when the machine is idle; CI machines are not
CONSOLE_TAIL = 60
PIECE = 2000  # bytes; the line into a guest stands still for good when 4096 wait in it


class Guest:
    """One machine of the lab."""

    def __init__(self, name, address, net, image, directory, firewall=None):
        self.name = name
        self.address = address
        self.net = net
        self.image = image
        self.firewall = firewall
        self.memory = MEMORY
        self.directory = Path(directory) / name
        self.directory.mkdir()
        self.console = self.directory / "console"
        self.scenario_began = time.time()
        self.is_touched = True  # since its last reset
        self._process = None
        self._channel = None
        RECORD.guests[name] = self
        if net:  # one without is nobody's peer
            RECORD.guests[address] = self
            net.add_tap(self._tap)

    def __repr__(self):
        return f"<guest {self.name} {self.address}>"

    # Power

    def power_on(self):
        """Start the kernel, with the disk as it was left; do not wait.

        Call from the main thread: the kernel is set to die with the thread that started it.
        """
        self.is_touched = True
        ours, theirs = socket.socketpair()
        end = theirs.fileno()
        command = [
            *["setpriv", "--pdeathsig", "KILL", *(self.net.enter if self.net else [])],
            *["unshare", "--pid", "--fork", "--kill-child", "linux.uml", f"mem={self.memory}"],
            f"umid={self.name}",
            f"uml_dir={self.directory}/",
            f"ubd0={self.directory}/disk.cow,{self.image}",
            *["root=/dev/ubda", "rw", "selinux=0", "net.ifnames=0", "pty.legacy_count=0"],
            *self._nic,
            *["con=null", "con0=null,fd:1", "ssl=null", f"ssl0=fd:{end},fd:{end}", "ssl1=pts"],
            f"hostfs={self.directory}",
            *self._init,
        ]
        with open(self.console, "wb") as console, theirs:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                pass_fds=[end],
            )
        self._channel = Channel(self.name, ours)

    def await_boot(self, timeout=BOOT_S):
        """Wait until systemd has started everything."""
        if not self._channel.ready.wait(timeout):
            raise GuestGone(f"{self.name} did not boot in {timeout} s:\n{self.console_tail()}")
        self.run("systemctl is-system-running --wait", timeout, check=False)

    def kill(self):
        """Cut the power."""
        if not self._process:
            return
        # The kernel is the init of a pid namespace: once it is reaped, all its helpers are gone
        # and the disk is unlocked. Killing unshare instead would leave that to chance.
        for kernel in children(self._process.pid):
            os.kill(kernel, signal.SIGKILL)
        if self._process.poll() is None and not children(self._process.pid):
            self._process.kill()
        self._process.wait(30)
        self._process = None
        self._channel.close()

    def reboot(self):
        """Cut the power and boot from what is on the disk."""
        self.kill()
        self.power_on()
        self.await_boot()

    def silence(self):
        """Take the guest off the network; it runs on, unheard."""
        self.net.part(self._tap)

    def unsilence(self):
        """Put the guest back on the network."""
        self.net.join(self._tap)

    @property
    def is_up(self):
        """Whether the guest's kernel runs."""
        return self._process is not None and self._process.poll() is None

    # Commands

    def start(self, command, stdin=b"", touches=True):
        """Start a bash command, which may leave something behind to reset; return its Job at once.
        """
        self.is_touched |= touches
        if isinstance(stdin, str):
            stdin = stdin.encode(errors="surrogateescape")
        return self._channel.start(command, stdin)

    def reset(self, server):
        """Undo what scenarios did; a leader's server is then "stopped" or "running". The Job."""
        return self._channel.reset(server if self.name == "leader" else None)

    def run(self, command, timeout=30, check=True, stdin=b""):
        """Run a bash command to its end.

        Raises CommandTimeout with what it printed so far when it takes longer (it is killed), and
        CommandFailed when it fails, unless check is false.
        """
        try:
            return self.start(command, stdin).wait(timeout, check)
        finally:
            RECORD.look()

    def put(self, path, text, mode=None):
        """Write a file in the guest, making its directory."""
        place = shlex.quote(path)
        command = f"mkdir -p {shlex.quote(os.path.dirname(path))} && cat >{place}"
        for start in range(0, max(len(text), 1), PIECE):
            self.run(command, stdin=text[start : start + PIECE])
            command = f"cat >>{place}"
        if mode is not None:
            self.run(f"chmod {mode:o} {place}")

    def get(self, path):
        """Return a file's text."""
        return self.run(f"cat {shlex.quote(path)}").out

    def stop_jobs(self):
        """Kill what earlier scenarios left running."""
        for job in self._channel.jobs():
            job.stop()

    # Evidence

    def logs(self):
        """Return what helps to understand a failure of this scenario: {title: text}."""
        evidence = {"console": self.console_tail()}
        if not self.is_up:
            return evidence
        since = f"--since=@{self.scenario_began:.0f}"
        for title, command in {
            "journal": f"journalctl --no-pager --output=short-precise {since} | tail -n 150",
            "exports": "tail -n 50 /etc/exports /etc/exports.d/*.exports 2>/dev/null",
            "etab": "cat /var/lib/nfs/etab",
            "mounts": "grep -v -e cgroup -e ' /sys' -e ' /proc' /proc/self/mountinfo",
            "NFS, and in whose namespaces": "cat /proc/fs/nfsfs/servers /proc/fs/nfsfs/volumes;"
            "grep -e ' - nfs' /proc/[0-9]*/mountinfo",
            "processes": "ps -eo pid,ppid,stat,etimes,wchan:24,args | grep -v ' \\[.*\\]$'",
        }.items():
            try:
                evidence[title] = self.run(command, 15, check=False).out
            except (GuestGone, AssertionError) as error:
                evidence[title] = str(error)
        return evidence

    def console_tail(self):
        """Return the end of what the kernel and systemd said."""
        text = self.console.read_text(errors="replace") if self.console.exists() else ""
        return "\n".join(text.splitlines()[-CONSOLE_TAIL:])

    @property
    def _nic(self):
        if not self.net:
            return []
        card = f"mtu={self.net.mtu},mac={self._mac}"
        return [f"vec0:transport=tap,ifname={self._tap},depth=64,{card}"]

    @property
    def _init(self):
        """What the first program is told: systemd here."""
        return [
            *["systemd.show_status=auto", "SYSTEMD_COLORS=0"],
            f"systemd.hostname={self.name}",
            f"systemd.machine_id={self._tap.encode().hex():0>32}",
            f"lab.address={self.address}/24",
            *([f"lab.firewall={self.firewall}"] if self.firewall else []),
        ]

    @property
    def _tap(self):
        return f"tap{self.address.rpartition('.')[2]}"

    @property
    def _mac(self):
        return f"02:00:00:00:00:{int(self.address.rpartition('.')[2]):02x}"


def shell_device(console):
    """Return the host's terminal device that leads to a shell in the guest of that console."""
    found = re.search(r"Serial line 1 assigned device '(\S+)'", console.read_text(errors="replace"))
    if not found:
        raise GuestGone(f"no second serial line yet: {console}")
    return found[1]


def children(pid):
    """Return the process's children, none once it is gone."""
    try:
        words = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except FileNotFoundError:
        return []
    return [int(word) for word in words]


def boot(guests):
    """Boot guests side by side."""
    began = time.monotonic()
    for guest in guests:
        guest.power_on()
    for guest in guests:
        guest.await_boot(max(1, BOOT_S - (time.monotonic() - began)))
