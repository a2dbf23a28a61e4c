#!/usr/bin/env python3
"""Conversations with amx.exe on a console of Wine, which is a pseudo-terminal here.

`windows.sh` starts it, with Wine running and PLATFORM_EXE set. Each scene types lines, waits for
texts on the screen, and checks the exit code.
"""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time

EXE = os.environ["PLATFORM_EXE"]

# Seconds; a start of Wine on a loaded machine takes several.
DEADLINE = 90

# Escape sequences and control characters; a console repaints, so that spaces are cursor moves.
SEQUENCE = re.compile(r"\x1b\][^\x07\x1b]*(\x07|\x1b\\)|\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b[@-Z\\-_78]|\x1b[()][A-Z0-9]")
BLANK = re.compile(r"[\x00-\x20\x7f]+")


def essence(text):
    """What is written, without how and where."""
    return BLANK.sub("", SEQUENCE.sub("", text))


class Console:
    def __init__(self, arguments, environment=None):
        self.transcript = ""
        self.seen = 0
        self.master, slave = pty.openpty()
        self.resize(30, 100, slave)
        self.process = subprocess.Popen(
            ["wine", EXE, *arguments],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            env={**os.environ, "TERM": "xterm-256color", **(environment or {})},
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(slave)

    def resize(self, rows, columns, terminal=None):
        size = struct.pack("HHHH", rows, columns, 0, 0)
        fcntl.ioctl(terminal if terminal is not None else self.master, termios.TIOCSWINSZ, size)

    def read(self, seconds):
        """Whether something came. Queries for the position of the cursor are answered."""
        ready, _, _ = select.select([self.master], [], [], seconds)
        if not ready:
            return False
        try:
            data = os.read(self.master, 65536)
        except OSError:
            return False
        if not data:
            return False
        self.transcript += data.decode("utf-8", "replace")
        if b"\x1b[6n" in data:
            os.write(self.master, b"\x1b[1;1R")
        return True

    def wait_for_console(self):
        """Waits until Wine has taken over the terminal, which is a moment after its first output."""
        until = time.monotonic() + DEADLINE
        while termios.tcgetattr(self.master)[3] & termios.ICANON:
            if time.monotonic() > until:
                raise AssertionError("the terminal stays in line mode")
            self.read(0.05)

    def wait_for(self, text):
        """Waits for a text after the last one that was waited for."""
        wanted, until = essence(text), time.monotonic() + DEADLINE
        while time.monotonic() < until:
            at = essence(self.transcript).find(wanted, self.seen)
            if at >= 0:
                self.seen = at + len(wanted)
                return
            if not self.read(0.2) and self.process.poll() is not None:
                break
        raise AssertionError(f"waited for {text!r}; the screen was\n{essence(self.transcript)[-3000:]}")

    def type(self, text):
        for character in text:
            os.write(self.master, character.encode())
            self.read(0.02)

    def end(self):
        """The exit code."""
        until = time.monotonic() + DEADLINE
        while self.process.poll() is None and time.monotonic() < until:
            self.read(0.1)
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            raise AssertionError(f"it does not end; the screen was\n{essence(self.transcript)[-3000:]}")
        while self.read(0.1):
            pass
        os.close(self.master)
        return self.process.returncode


def prompt(console):
    """Waits until a line editor reads keys."""
    console.wait_for("demo ›")
    console.wait_for_console()


def conversation(console):
    """Two questions, and the end."""
    prompt(console)
    console.type("first question\r")
    console.wait_for("Your prompt: \"first question\"")
    prompt(console)
    console.type("second question\r")
    console.wait_for("Your prompt: \"second question\"")
    prompt(console)
    console.type("/exit\r")
    return 0


def typed_ahead(console):
    """Lines that are typed while an answer streams are the next entries."""
    prompt(console)
    console.type("one\rtwo\r")
    console.wait_for("Your prompt: \"one\"")
    console.wait_for("Your prompt: \"two\"")
    prompt(console)
    console.type("/exit\r")
    return 0


def key_bindings(console):
    """Ctrl-U clears the line; Ctrl-D ends the conversation."""
    prompt(console)
    console.type("forget this\x15keep this\r")
    console.wait_for("Your prompt: \"keep this\"")
    prompt(console)
    console.type("\x04")
    return 0


def interrupted_answer(console):
    """Ctrl-C stops an answer, and the conversation continues."""
    prompt(console)
    console.type("stop this\r")
    console.wait_for("This answer is")
    console.type("\x03")
    prompt(console)
    console.type("keep this\r")
    console.wait_for("Your prompt: \"keep this\"")
    prompt(console)
    console.type("/exit\r")
    return 0


def resized(console):
    """A change of the size between two questions."""
    prompt(console)
    console.resize(20, 60)
    os.killpg(console.process.pid, signal.SIGWINCH)
    console.type("after the change\r")
    console.wait_for("Your prompt: \"after the change\"")
    prompt(console)
    console.type("/exit\r")
    return 0


def one_shot(console):
    """An answer on a console is styled, and its characters arrive."""
    console.wait_for("ÄÖ€")
    return 0


def editor(console):
    """An editor with backslashes in its path."""
    return 0


SCENES = [
    (conversation, ["chat", "-p", "demo"], None),
    (typed_ahead, ["chat", "-p", "demo"], None),
    (key_bindings, ["chat", "-p", "demo"], None),
    (interrupted_answer, ["chat", "-p", "demo"], None),
    (resized, ["chat", "-p", "demo"], None),
    (one_shot, ["chat", "-p", "demo", "--no-stdin", "ÄÖ€"], None),
    (editor, ["config", "edit"], {"EDITOR": r"C:\windows\system32\attrib.exe"}),
]


def main():
    failed = []
    for scene, arguments, environment in SCENES:
        console = Console(arguments, environment)
        name = scene.__name__.replace("_", " ")
        try:
            wanted = scene(console)
            code = console.end()
            assert code == wanted, f"exit {code}; the screen was\n{essence(console.transcript)[-3000:]}"
            print(f"ok      console: {name}", flush=True)
        except AssertionError as error:
            failed.append(name)
            print(f"FAILED  console: {name}: {error}", flush=True)
            if console.process.poll() is None:
                os.killpg(console.process.pid, signal.SIGKILL)
    print(f"console: {len(SCENES) - len(failed)} passed, {len(failed)} failed")
    for name in failed:
        print(f"  failed: console: {name}")
    sys.exit(bool(failed))


main()
