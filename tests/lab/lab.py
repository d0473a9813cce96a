# SPDX-License-Identifier: GPL-2.0-or-later
"""Lab: the guests and their network, from boot to the last trace removed."""

import os
import shutil
import tempfile
from pathlib import Path

from lab.guest import MEMORY, Guest, boot
from lab.image import CACHE, image, locked
from lab.leftovers import hold, sweep
from lab.net import MTU, Net
from lab.reset import keep

LEADER = "192.168.18.13"
MACHINES = {
    "leader": LEADER,
    "follower": "192.168.18.8",
    "follower2": "192.168.18.9",
    "intruder": "192.168.18.66",
}


class Lab:
    """The machines named, booted side by side; use it in a with statement."""

    def __init__(self, names=tuple(MACHINES), memory=MEMORY, mtu=MTU):
        base = image()
        with locked(CACHE / "lock"):
            sweep()
            self.directory = Path(tempfile.mkdtemp(prefix="run.", dir=CACHE))
            self._lock = hold(self.directory)
        self.net = None
        self.guests = {}
        try:
            # A name of our own for the image: a newer recipe may remove the cached one meanwhile.
            disk = self.directory / "image"
            os.link(base, disk)
            self.net = Net(self.directory, mtu)
            for name in names:
                firewall = "nfs-only" if name == "leader" else None
                guest = Guest(name, MACHINES[name], self.net, disk, self.directory, firewall)
                guest.memory = memory
                self.guests[name] = guest
            boot(self.guests.values())
            for guest in self.guests.values():
                self._settle(guest)
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def __getitem__(self, name):
        return self.guests[name]

    def add(self, name, address):
        """Boot one more machine beside the others, without gshare."""
        guest = Guest(name, address, self.net, self.directory / "image", self.directory)
        self.guests[name] = guest
        boot([guest])
        self._settle(guest)
        return guest

    def close(self):
        """Cut every guest's power and remove what they left."""
        for guest in self.guests.values():
            guest.kill()
        if self.net:
            self.net.close()
        shutil.rmtree(self.directory, ignore_errors=True)
        os.close(self._lock)

    def _settle(self, guest):
        """Give a fresh guest its users, and remember its state as the one to come back to."""
        if guest.name.startswith("follower"):
            guest.run("useradd --create-home --uid 1001 --groups sudo --shell /bin/bash user1")
        keep(guest)
