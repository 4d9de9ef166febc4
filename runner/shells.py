"""The shells of one host: commands in parallel, and what to do when one does not end.

When a command takes too long or prints without end, everything that belongs to its shell
(session, descendants, whoever holds its pipes) is killed and the shell is thrown away with it: an
answer that comes too late has no channel to come over. A shell whose pipes a background process
still holds after its command has ended is set aside for the same reason: it would write into
later answers.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from time import monotonic

from runner.connection import Identity, Stream
from runner.errors import CommandTimedOut, HostUnreachable, LookError
from runner.host import Reply
from runner.printable import one_line
from runner.shell import Shell, command_script, kill_script
from runner.ssh import REMEDY, dial, hang_up, paramiko, time_left

SHELLS = 6
"""Commands that run on one host at the same time; more wait for their turn."""

GRACE = 2.0
"""Seconds beyond a command's timeout for killing what it left running."""

KILLED = 137
"""Exit status of a command that was killed for printing without end (128 + SIGKILL)."""

_SET_ASIDE = 16


def open_shell(stream: Stream, identity: Identity, *, host: str, deadline: float) -> Shells:
    """Open the connection to `host` over a stream on which `SERVER_ARGV` was just started.

    `deadline` is a moment of `time.monotonic()`. Raises HostUnreachable if there is no shell by
    then. The stream belongs to the connection from here on, also when this fails.
    """
    transport = dial(stream, identity, host=host, user="root", deadline=deadline)
    return Shells(transport, host=host, deadline=deadline)


class Shells:
    """A connection to a host: runs commands, up to `SHELLS` of them at a time.

    Any thread may call `run`. A host that stops answering altogether closes the connection, after
    which every question raises HostUnreachable at once.
    """

    def __init__(self, transport: paramiko.Transport, *, host: str, deadline: float) -> None:
        self._transport = transport
        self._host = host
        self._turns = threading.BoundedSemaphore(SHELLS)
        self._lock = threading.Lock()
        self._idle: list[Shell] = []
        self._busy: set[Shell] = set()
        self._aside: list[Shell] = []
        self._lost = ""
        try:
            self._idle.append(self._open(deadline))
        except LookError:
            self.close()
            raise

    def run(
        self, command: str, *, stdin: bytes = b"", timeout: float = 10.0, user: str | None = None
    ) -> Reply:
        """Run a shell command as `user` (root if None) with exactly `stdin` to read.

        It ends within `timeout` seconds and at most `GRACE` more for killing what hangs: then
        CommandTimedOut is raised. HostUnreachable if there is no shell to be had. A user that does
        not exist is answered as `su` does: status 1 and a line on stderr.
        """
        if "\0" in command:
            raise ValueError("a shell command cannot contain NUL")
        began = monotonic()
        deadline = began + timeout
        with self._turn(deadline):
            shell = self._take(deadline)
            self._busy.add(shell)
            try:
                answer = shell.ask(command_script(command, stdin, user), deadline)
            except TimeoutError:
                self._kill(shell)
                raise CommandTimedOut(
                    f"{self._host} did not answer within {timeout:g} s: {one_line(command, 120)}"
                ) from None
            except EOFError:
                raise self._unreachable(shell, command) from None
            finally:
                self._busy.discard(shell)
            if answer.flooded:
                self._kill(shell)
                status = KILLED
            else:
                status = answer.status
                with self._lock:
                    (self._aside if answer.held else self._idle).append(shell)
        return Reply(
            status=status,
            stdout=answer.out.decode("utf-8", "replace"),
            stderr=answer.err.decode("utf-8", "replace"),
            seconds=monotonic() - began,
            truncated=answer.truncated,
        )

    def close(self) -> None:
        """End the connection and its threads; what still runs on the host by it is killed."""
        for shell in self._busy.copy():
            self._kill(shell)
        self._lost = self._lost or "the connection was closed"
        hang_up(self._transport)

    @contextlib.contextmanager
    def _turn(self, deadline: float) -> Iterator[None]:
        if not self._turns.acquire(timeout=max(deadline - monotonic(), 0)):
            raise CommandTimedOut(
                f"{self._host}: {SHELLS} other commands were running all the time"
            )
        try:
            yield
        finally:
            self._turns.release()

    def _take(self, deadline: float) -> Shell:
        with self._lock:
            for aside in self._aside:
                aside.drain()
            for aside in self._aside[:-_SET_ASIDE]:
                aside.channel.close()
            del self._aside[:-_SET_ASIDE]
            while self._idle:
                shell = self._idle.pop()
                if shell.quiet:
                    return shell
                self._aside.append(shell)
        return self._open(deadline)

    def _open(self, deadline: float) -> Shell:
        if self._lost or not self._transport.is_active():
            raise HostUnreachable(
                f"{self._host}: {self._lost or 'the connection was lost'}", remedy=REMEDY
            )
        shell: Shell | None = None
        try:
            channel = self._transport.open_session(timeout=time_left(deadline))
            shell = Shell(self._transport, channel)
            shell.start(deadline)
        except (paramiko.SSHException, OSError, EOFError) as error:
            why = (one_line(shell.last_words) if shell else "") or str(error)
            if shell is not None:
                shell.channel.close()
            raise HostUnreachable(
                f"{self._host}: no shell could be started: {why or 'it ended at once'}",
                remedy=REMEDY,
            ) from error
        return shell

    def _kill(self, shell: Shell) -> None:
        """End everything that belongs to a shell, or give the host up if it cannot be done."""
        deadline = monotonic() + GRACE
        try:
            other = self._take(deadline)
            other.ask(kill_script(shell.pid), deadline)
        except (LookError, OSError, EOFError):
            shell.signal_kill()
            self._lost = self._lost or "it stopped answering while a command was being ended"
            hang_up(self._transport)
        else:
            with self._lock:
                self._idle.append(other)
            shell.channel.close()

    def _unreachable(self, shell: Shell, command: str) -> HostUnreachable:
        what = "the shell" if self._transport.is_active() else "the connection"
        why = one_line(shell.last_words, 200)
        shell.channel.close()
        return HostUnreachable(
            f"{self._host}: {what} ended during {one_line(command, 120)}" + (why and f": {why}"),
            remedy=REMEDY,
        )
