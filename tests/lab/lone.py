# SPDX-License-Identifier: GPL-2.0-or-later
"""Lone: a leader without systemd and without a network, up in two seconds: for power cuts."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from lab.channel import GuestGone
from lab.guest import Guest
from lab.image import CACHE, image, locked
from lab.leftovers import hold, sweep

BOOT_S = 60
INIT = "init"

# The first program, from the directory that host and guest share. The server is started as
# systemd's unit would do it, exports first.
INIT_TEXT = """#!/bin/sh
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev 2>/dev/null
mount -t tmpfs -o mode=755 run /run
hostname lone
ip link set lo up
[ ! -d /stage/stage ] || {
	tar -C /stage/stage --owner=root --group=root -cf - . |
		tar -C / --keep-directory-symlink --no-overwrite-dir -xpf -
	sync
}
# What a cut inside useradd leaves; systemd does this at boot (tmpfiles.d/passwd.conf).
rm -f /etc/passwd.lock /etc/group.lock /etc/shadow.lock /etc/gshadow.lock /etc/sub?id.lock
modprobe nfsd
mount -t nfsd nfsd /proc/fs/nfsd
exportfs -ra
rpc.mountd -N 3
rpc.nfsd -N 3 2
exec python3 /usr/local/lib/lab/runner.py
"""


class Lone(Guest):
    """One guest with a directory of its own; use it in a with statement."""

    def __init__(self, stage):
        base = image()
        with locked(CACHE / "lock"):
            sweep()
            directory = Path(tempfile.mkdtemp(prefix="run.", dir=CACHE))
            self._lock = hold(directory)
        self._place = directory
        os.link(base, directory / "image")
        super().__init__("lone", "192.168.18.13", None, directory / "image", directory)
        (self.directory / INIT).write_text(INIT_TEXT, encoding="ascii")
        if stage:
            subprocess.run(["cp", "-a", stage, self.directory / "stage"], check=True, timeout=60)

    def __enter__(self):
        try:
            self.power_on()
            self.await_boot()
            self.run("sync")
            self.kill()
            shutil.rmtree(self.directory / "stage", ignore_errors=True)  # it is on the disk now
            self.power_on()
            self.await_boot()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    def await_boot(self, timeout=BOOT_S):
        """Wait until commands are taken; the server runs by then."""
        if not self._channel.ready.wait(timeout):
            raise GuestGone(f"{self.name} did not boot in {timeout} s:\n{self.console_tail()}")

    def close(self):
        """Cut the power and remove everything."""
        self.kill()
        shutil.rmtree(self._place, ignore_errors=True)
        os.close(self._lock)

    @property
    def _init(self):
        command = f"mount -t hostfs none /stage && exec sh /stage/{INIT}"
        return ["init=/bin/sh", "--", "-c", f'"{command}"']
