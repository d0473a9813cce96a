# SPDX-License-Identifier: GPL-2.0-or-later
"""Intruder: a guest that nobody exports to, and that keeps trying to get in."""

import json
import shlex
import signal
import time

SHARE = "/mnt/data/shared"
ROUND_S = 60  # a round takes half a second; two silent mounts and a busy machine take longer
PAUSE_S = 4.0  # between two rounds
SIEGE_S = 0.4  # the same, where a scenario is about who is let in
SETTLED_ROUNDS = 6  # every way in tried once


class Intruder:
    """The attempts of one scenario."""

    def __init__(self, guest, leader, shares=(SHARE,), pause=SIEGE_S):
        self.guest = guest
        words = " ".join(shlex.quote(word) for word in (str(pause), leader.address, *shares))
        program = f"exec python3 -I -S /usr/local/lib/lab/intrude.py {words}"
        self._job = guest.start(program, touches=False)
        self._leader = leader

    def attempts(self):
        """Return the attempts so far: dicts of round, began, verdict and evidence."""
        if not self._job.running:
            raise AssertionError(f"the intruder ended: {self._job.wait(1, check=False)}")
        return [json.loads(line) for line in self._job.output.splitlines()]

    def await_round(self, count=1):
        """Wait for that many more whole rounds; return them."""
        known = len(self.attempts()) + 1  # the round under way began before we asked
        deadline = time.monotonic() + ROUND_S
        while time.monotonic() < deadline:
            attempts = self.attempts()
            if len(attempts) >= known + count:
                return attempts[known:]
            if attempts:  # before its first line the signal would end it
                self._job.signal(signal.SIGUSR1)
            time.sleep(0.1)
        raise AssertionError(f"the intruder made no {count} rounds in {ROUND_S} s: {attempts}")

    def stop(self):
        """End the attempts; return them all."""
        result = self._job.stop()
        self.guest.start("umount -f -l /run/intruder", touches=False).wait(check=False)
        return [json.loads(line) for line in result.out.splitlines() if line.endswith("}")]
