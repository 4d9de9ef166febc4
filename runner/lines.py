"""Out-of-band lines to the hosts of a session: opened once each, over the engine's own channel."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Self

from runner.connection import SERVER_ARGV, Connection, new_identity
from runner.engine import Engine, translating
from runner.errors import HostUnreachable, LookError, StageError
from runner.execstream import ExecStream
from runner.host import Reply
from runner.session import Session

if TYPE_CHECKING:
    from runner.netdevice import Device

OPEN_LIMIT = 10.0
"""Seconds until a host that gives no shell counts as unreachable."""
_SLOW = 2.0
_OFF = {"is not running": "is switched off", "is paused": "stands still (paused)"}
"""What the engine says of a host without a shell, and what that means."""


class Lines:
    """The open connections to the hosts of one session, one each, whichever thread asks first.

    A connection that broke is opened anew at the next question: a host may have been rebooted.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = Lock()
        self._lines: dict[tuple[str, str], _Line] = {}
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # A thread that was given up must not open lines that nobody closes.
        with self._lock:
            self._closed = True
        self.drop()

    def open(self, session: Session, host: str) -> Connection:
        """The connection to a host's shell; HostUnreachable if it gives none."""
        return self._opened(session, host, "")

    def prompt(self, session: Session, host: str, dialect: str) -> Connection:
        """The connection to a network device's own prompt; HostUnreachable if it gives none."""
        return self._opened(session, host, dialect)

    def drop(self) -> None:
        """Close all; the next question opens them anew."""
        with self._lock:
            lines, self._lines = list(self._lines.values()), {}
        for line in lines:
            line.close()

    def _opened(self, session: Session, host: str, dialect: str) -> Connection:
        with self._lock:
            if self._closed:
                raise StageError("the lines to the hosts were closed")
            line = self._lines.setdefault((host, dialect), _Line(host))
        line.connect(lambda: _dialled(self._engine, session, host, dialect))
        return line


class _Line:
    """One connection that comes back after a break."""

    def __init__(self, host: str) -> None:
        self._host = host
        self._lock = Lock()
        self._connection: Connection | None = None
        self._refused: tuple[float, LookError] | None = None

    def connect(self, dial: Callable[[], Connection]) -> None:
        with self._lock:
            if self._connection is not None:
                return
            if self._refused and monotonic() < self._refused[0]:
                raise self._refused[1]
            began = monotonic()
            try:
                self._connection = dial()
            except LookError as error:
                # A host that refuses at once may be booting; one that had us wait will have
                # every other check wait as long, so they are told the same.
                if monotonic() - began > _SLOW:
                    self._refused = (monotonic() + OPEN_LIMIT, error)
                raise

    def run(
        self, command: str, *, stdin: bytes = b"", timeout: float = 10.0, user: str | None = None
    ) -> Reply:
        connection = self._connection
        if connection is None:
            raise HostUnreachable(f"the line to host {self._host} was closed")
        try:
            return connection.run(command, stdin=stdin, timeout=timeout, user=user)
        except HostUnreachable:
            self._forget(connection)
            raise

    def _forget(self, broken: Connection) -> None:
        with self._lock:
            # Another thread may have dialled anew meanwhile.
            if self._connection is broken:
                self._connection = None
        broken.close()

    def close(self) -> None:
        with self._lock:
            connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


class _Prompt:
    """A network device as a connection: one command at a time, its output the answer."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self._lock = Lock()

    def run(
        self,
        command: str,
        *,
        stdin: bytes = b"",  # noqa: ARG002 - a prompt has no standard input
        timeout: float = 10.0,
        user: str | None = None,  # noqa: ARG002 - nor other accounts
    ) -> Reply:
        began = monotonic()
        with self._lock:
            answer = self._device.show(command, timeout=timeout)
        return Reply(0, answer, seconds=monotonic() - began)

    def close(self) -> None:
        self._device.close()


def _dialled(engine: Engine, session: Session, host: str, dialect: str) -> Connection:
    container = session.container(host)
    try:
        with translating(f"open a line to host {host}"):
            made = engine.api.exec_create(
                container.id, list(SERVER_ARGV), stdin=True, stdout=True, stderr=True, user="0"
            )
            raw = engine.api.exec_start(made["Id"], socket=True)
    except StageError as error:
        off = next((said for sign, said in _OFF.items() if sign in str(error)), "")
        raise HostUnreachable(
            f"host {host} {off}" if off else f"host {host} gives no shell: {error}",
            remedy="if it is switched off, ./lab start switches it on again",
        ) from error
    stream, identity, deadline = ExecStream(raw), new_identity(), monotonic() + OPEN_LIMIT
    if not dialect:
        from runner.shells import open_shell  # paramiko takes 100 ms to import

        return open_shell(stream, identity, host=host, deadline=deadline)
    from runner.netdevice import open_device  # netmiko takes half a second to import

    device = open_device(stream, identity, host=host, deadline=deadline, kind=dialect)
    return _Prompt(device)
