"""Turns into the given program, which then ends when the process that asked for it ends.

    python -I -S tether.py PARENT SIGNAL UID GID PROGRAM ARGUMENT...

A program of its own, because what it does must happen between fork and exec: in a
`preexec_fn` that is unsafe as soon as the parent has threads. UID "-" keeps the user.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def main(parent: int, stop_signal: int, account: tuple[str, str], argv: list[str]) -> None:
    # Python ignores SIGPIPE, and exec would hand that on.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    uid, gid = account
    if uid != "-":
        os.setgroups([])
        os.setgid(int(gid))
        os.setuid(int(uid))
    if sys.platform == "linux":
        # After setuid, which clears it. Other systems rely on the pid files of the next start.
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, stop_signal)
        if os.getppid() != parent:  # it died before the line above took effect
            sys.exit(1)
    os.execv(argv[0], argv)  # noqa: S606  no shell is wanted


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), (sys.argv[3], sys.argv[4]), sys.argv[5:])
