"""A router of the world, spoken to as a network engineer would: commands at its prompt.

The device is an account whose login shell is the device's own (FRR's `vtysh`), reached over the
same stream and the same out-of-band server as any host: `runner.connection` says how. netmiko
knows the dialects; FRR speaks that of `cisco_ios`.
"""

from __future__ import annotations

import json
import threading
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from time import monotonic

from runner.connection import Identity, Stream
from runner.errors import CommandTimedOut, HostUnreachable, LookError, UnreadableOutput
from runner.printable import one_line
from runner.ssh import REMEDY, dial, hang_up, paramiko

with warnings.catch_warnings():  # as in runner.ssh, and for the same reason
    warnings.simplefilter("ignore")
    from netmiko import BaseConnection, NetmikoBaseException, ReadTimeout
    from netmiko.exceptions import ConfigInvalidException
    from netmiko.ssh_dispatcher import ssh_dispatcher

OPERATOR = "netadmin"
"""The account of a router image whose login shell is the router's."""

_REFUSED = r"(?m)^% .*"


def open_device(
    stream: Stream,
    identity: Identity,
    *,
    host: str,
    deadline: float,
    kind: str = "cisco_ios",
    user: str = OPERATOR,
) -> Device:
    """Log in to a device over a stream on which `SERVER_ARGV` was just started.

    `kind` is netmiko's name of the dialect, `deadline` a moment of `time.monotonic()`. Raises
    HostUnreachable if there is no prompt by then. Example:

        router = open_device(stream, new_identity(), host="edge", deadline=monotonic() + 10)
        router.configure(["router ospf", "network 10.0.0.0/8 area 0"])
        routes = router.show_json("show ip route json")
    """
    transport = dial(stream, identity, host=host, user=user, deadline=deadline)
    try:
        with _guarded(transport, host, "no prompt came", deadline - monotonic()):
            session = _session(transport, host=host, kind=kind, user=user)
    except LookError as error:
        hang_up(transport)
        raise HostUnreachable(str(error), remedy=REMEDY) from error
    return Device(session, transport, host=host)


class Device:
    """A prompt on a device. One command at a time.

    A command that does not end in its time takes the session with it, since its late answer could
    be taken for that of the next: open the device anew.
    """

    def __init__(
        self, session: BaseConnection, transport: paramiko.Transport, *, host: str
    ) -> None:
        self._session = session
        self._transport = transport
        self._host = host

    def show(self, command: str, *, timeout: float = 10.0) -> str:
        """What the device prints for a command; UnreadableOutput if it refuses the command."""
        with _guarded(self._transport, self._host, command, timeout):
            answer = str(
                self._session.send_command(
                    command, read_timeout=timeout, strip_prompt=True, strip_command=True
                )
            )
        if answer.lstrip().startswith("% "):
            raise UnreadableOutput(
                f"{self._host} refused `{command}`: {one_line(answer, 200)}",
                remedy="say the command as the device itself completes it with `?`",
            )
        return answer

    def show_json(self, command: str, *, timeout: float = 10.0) -> object:
        """What the device prints for a command that ends in `json`, read."""
        answer = self.show(command, timeout=timeout)
        try:
            return json.loads(answer)
        except ValueError as error:
            raise UnreadableOutput(
                f"{self._host} answered `{command}` with no JSON: {one_line(answer, 200)}",
                remedy="ask with a command that ends in `json`",
            ) from error

    def configure(self, lines: Sequence[str], *, timeout: float = 10.0) -> str:
        """Enter configuration lines and give back the dialogue.

        UnreadableOutput at the first line that the device refuses; those before it are in force.
        """
        with _guarded(self._transport, self._host, "; ".join(lines), timeout):
            return str(
                self._session.send_config_set(
                    list(lines), read_timeout=timeout, error_pattern=_REFUSED
                )
            )

    def save(self, *, timeout: float = 10.0) -> None:
        """Make the running configuration the one that the device starts with."""
        with _guarded(self._transport, self._host, "save", timeout):
            answer = str(self._session.save_config())
        if "[OK]" not in answer:
            raise UnreadableOutput(
                f"{self._host} did not say that it saved: {one_line(answer, 200)}",
                remedy="see whether the disk is full or the configuration file belongs to another",
            )

    def close(self) -> None:
        """Log out; nothing stays on the device."""
        hang_up(self._transport)


def _session(transport: paramiko.Transport, *, host: str, kind: str, user: str) -> BaseConnection:
    # netmiko would dial by itself and take any host key; this transport is logged in already.
    client = _LoggedIn(transport)
    dialect = ssh_dispatcher(kind)
    ours = type(dialect.__name__, (dialect,), {"_build_ssh_client": lambda _: client})
    session: BaseConnection = ours(device_type=kind, host=host, username=user)
    return session


class _LoggedIn(paramiko.SSHClient):
    """A client over a transport that stands."""

    def __init__(self, transport: paramiko.Transport) -> None:
        super().__init__()
        self._transport = transport

    def connect(self, *_: object, **__: object) -> None:
        """Nothing is left to do."""


@contextmanager
def _guarded(transport: paramiko.Transport, host: str, what: str, seconds: float) -> Iterator[None]:
    """Hold netmiko to a time limit and speak of its errors in our words."""
    # Some of netmiko's and paramiko's waits have no limit: the end of the transport ends them.
    late = threading.Event()

    def cut() -> None:
        late.set()
        transport.close()

    timer = threading.Timer(max(seconds, 0.0), cut)
    timer.start()
    try:
        yield
    except ConfigInvalidException as error:
        raise UnreadableOutput(
            f"{host} refused a line of the configuration: {one_line(str(error), 300)}",
            remedy="say the line as the device itself completes it with `?`",
        ) from error
    except (NetmikoBaseException, paramiko.SSHException, OSError, EOFError, ValueError) as error:
        if late.is_set() or isinstance(error, ReadTimeout):
            transport.close()
            raise CommandTimedOut(
                f"{host} did not answer within {seconds:.1f} s: {one_line(what, 120)}"
            ) from error
        raise HostUnreachable(
            f"{host}: the session ended: {one_line(str(error), 200) or type(error).__name__}",
            remedy=REMEDY,
        ) from error
    finally:
        timer.cancel()
        timer.join()
