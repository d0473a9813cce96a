# SPDX-License-Identifier: GPL-2.0-or-later
"""Net: a network namespace with a bridge, and a tap on it for each guest."""

import os
import subprocess
import time

BRIDGE = "br0"
MTU = 1500


class Net:
    """The guests' network; nothing leads out of it.

    The namespace has no name: it lives as long as the process that holds it, and that one ends
    with us, so that nothing is left behind however the run ends.
    """

    def __init__(self, run, mtu=MTU):
        self.mtu = mtu  # at most, of guests too, which begin with 1500
        self._holder = subprocess.Popen(
            [
                *["setpriv", "--pdeathsig", "KILL", "unshare", "--net"],
                *["sh", "-c", "read -r _", f"lab={run}"],  # a line that never comes
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
        )
        self.enter = ["nsenter", f"--net=/proc/{self._holder.pid}/ns/net"]
        self._await_namespace()
        self._ip("link", "add", BRIDGE, "type", "bridge", "stp_state", "0", "forward_delay", "0")
        self._ip("link", "set", BRIDGE, "up")

    def add_tap(self, name):
        """Make a tap and join it to the bridge."""
        self._ip("tuntap", "add", name, "mode", "tap")
        if self.mtu > MTU:  # for speed: with 500 frames, the usual, some are thrown away
            self._ip("link", "set", name, "txqueuelen", "20000")
        self._ip("link", "set", name, "mtu", str(self.mtu))
        self.join(name)
        self._ip("link", "set", name, "up")

    def join(self, name):
        """Let the tap's guest be heard and hear."""
        self._ip("link", "set", name, "master", BRIDGE)

    def part(self, name):
        """Take the tap off the bridge: down and up again would leave the guest's NIC deaf."""
        self._ip("link", "set", name, "nomaster")

    def add_address(self, address):
        """Let the bridge itself, and what listens there in the namespace, have an address too."""
        self._ip("address", "replace", f"{address}/24", "dev", BRIDGE)

    def remove_address(self, address):
        """Take the bridge's address away."""
        self._ip("address", "del", f"{address}/24", "dev", BRIDGE)

    def lose(self, packets):
        """Lose those packets, in words of nft(8), between the guests; None: none any more."""
        rules = "add table bridge lost\ndelete table bridge lost\n"
        if packets:
            rules += ("add table bridge lost\nadd chain bridge lost way "
                      "{ type filter hook forward priority 0; }\n"
                      f"add rule bridge lost way {packets} drop\n")
        subprocess.run([*self.enter, "nft", "-f", "-"], input=rules, text=True, check=True,
                       timeout=10)

    def close(self):
        """End the namespace."""
        self._holder.kill()
        self._holder.stdin.close()
        self._holder.wait()

    def _ip(self, *words):
        subprocess.run([*self.enter, "ip", *words], check=True, timeout=10)

    def _await_namespace(self):
        ours = os.readlink("/proc/self/ns/net")
        deadline = time.monotonic() + 5
        while os.readlink(f"/proc/{self._holder.pid}/ns/net") == ours:
            if self._holder.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("cannot make a network namespace: not root?")
            time.sleep(0.01)
