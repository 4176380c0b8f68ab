"""
Runs Python where no network can be reached:

    python tests/offline.py -m voicechat serve

The kernel refuses every connection that the process begins, whichever library begins it, to
loopback too; others may still connect to it. That takes seccomp, which is there without any rights;
a network namespace would take some that containers do not give.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import socket
import struct
import sys

MACHINES = {"x86_64": (0xC000003E, 41, 42), "aarch64": (0xC00000B7, 198, 203)}
"""How the kernel calls the machine (linux/audit.h), and its numbers of the calls `socket` and `connect`."""

IO_URING_SETUP = 425
"""The one other way to connect; the number is the same on every machine."""

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
LOAD, AND, JUMP_IF_EQUAL, RETURN = 0x20, 0x54, 0x15, 0x06
ALLOWED, REFUSED = 0x7FFF0000, 0x00050000 | errno.ENETUNREACH
CALL, MACHINE, FIRST_ARGUMENT, SECOND_ARGUMENT = 0, 4, 16, 24
"""Where they stand in what a filter is given (struct seccomp_data)."""


def can_be_offline() -> bool:
    return platform.system() == "Linux" and platform.machine() in MACHINES


def _filter() -> list[tuple[int, int, int, int]]:
    """Return the instructions: code, how many to skip if equal, how many if not, value."""
    machine, call_socket, call_connect = MACHINES[platform.machine()]
    return [
        (LOAD, 0, 0, MACHINE),
        (JUMP_IF_EQUAL, 0, 11, machine),
        (LOAD, 0, 0, CALL),
        (JUMP_IF_EQUAL, 9, 0, call_connect),
        (JUMP_IF_EQUAL, 8, 0, IO_URING_SETUP),
        (JUMP_IF_EQUAL, 0, 6, call_socket),
        # Datagrams need no connection: of the internet's sockets only streams may be made.
        (LOAD, 0, 0, FIRST_ARGUMENT),
        (JUMP_IF_EQUAL, 1, 0, socket.AF_INET),
        (JUMP_IF_EQUAL, 0, 3, socket.AF_INET6),
        (LOAD, 0, 0, SECOND_ARGUMENT),
        (AND, 0, 0, 0xF),
        (JUMP_IF_EQUAL, 0, 1, socket.SOCK_STREAM),
        (RETURN, 0, 0, ALLOWED),
        (RETURN, 0, 0, REFUSED),
    ]


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def go_offline() -> None:
    """
    Refuse this process and all that it starts every connection from now on.

    Raises:
        OSError: If the kernel does not do it.
    """
    instructions = _filter()
    code = b"".join(struct.pack("HBBI", *instruction) for instruction in instructions)
    program = _Program(len(instructions), code)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.prctl(
        PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0
    ):
        raise OSError(ctypes.get_errno(), "the kernel takes no filter")


if __name__ == "__main__":
    go_offline()
    os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
