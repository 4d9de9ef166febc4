"""Printing through CUPS: jobs, queues and what a print server lets people do."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field

from runner.errors import UnreadableOutput
from runner.host import Fact, Reply

_PATIENCE = 6
"""Seconds that a print server gets to answer."""
_TIMED_OUT = 124
_TIMER = "grading-cups"
_AT_MOST = 45
"""Seconds after which CUPS is started again in any case."""
_FINISHING = 5
"""Seconds that a job which is being printed gets to come out before that."""
_NOT_FOUND = "client-error-not-found"
_FORBIDDEN = re.compile("not allowed|not authorized|unauthorized|forbidden", re.IGNORECASE)
_UNITS = ("cups.path", "cups.socket", "cups.service")


@dataclass(frozen=True, slots=True)
class Submission:
    """What became of a job that was handed in: accepted as `request`, or `refused` with a reason.

    `queue` is where it went, which the server decides if nobody says.
    """

    request: str = ""
    refused: str = ""

    @property
    def queue(self) -> str:
        """The queue that took the job; empty if none did."""
        return self.request.rpartition("-")[0]

    @property
    def forbidden(self) -> bool:
        """The server knows the person or the machine, and says no."""
        return _FORBIDDEN.search(self.refused) is not None


@dataclass(frozen=True)
class Printed(Fact[Submission]):
    """A line of text, handed in as a job named `title` by whoever is asked as.

    Without `queue` it goes to the default printer, without `server` to the server of the machine.
    `options` are lp's -o options.
    """

    title: str
    queue: str = ""
    server: str = ""
    options: tuple[str, ...] = ()

    timeout = _PATIENCE + 4.0

    def command(self) -> str:
        """Printed from stdin; nobody is there to type a password."""
        words = ["timeout", str(_PATIENCE), "lp", "-t", self.title]
        words += ["-h", self.server] if self.server else []
        words += ["-d", self.queue] if self.queue else []
        words += [word for option in self.options for word in ("-o", option)]
        return f"LC_ALL=C {shlex.join(words)}"

    def stdin(self) -> bytes:
        """What comes out on paper."""
        return f"{self.title}\n".encode()

    def read(self, reply: Reply) -> Submission:
        """The request's id, or lp's complaint."""
        match = re.search(r"^request id is (\S+-\d+) \(", reply.stdout, re.MULTILINE)
        if reply.ok and match:
            return Submission(request=match[1])
        if reply.status == _TIMED_OUT:
            return Submission(refused=f"no answer within {_PATIENCE} s")
        complaints = re.findall(r"^lp: (?:Error - )?(.+)$", reply.text, re.MULTILINE)
        if not complaints:
            raise UnreadableOutput(f"lp ended with {reply.status} and said {reply.text!r}")
        return Submission(refused=complaints[-1].rstrip("."))


@dataclass(frozen=True)
class Cancelled(Fact[None]):
    """A job taken back, if it is still there."""

    request: str
    server: str = ""

    def command(self) -> str:
        """A job that is done already cannot be cancelled and need not be."""
        at = f"-h {shlex.quote(self.server)} " if self.server else ""
        return f"timeout {_PATIENCE} cancel {at}{shlex.quote(self.request)}"

    def read(self, reply: Reply) -> None:
        """Nothing to be read."""


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue as the server describes it to clients, or the `problem` with that.

    `exists` is False only if the server says so.
    """

    attributes: Mapping[str, str] = field(default_factory=dict)
    exists: bool = True
    problem: str = ""

    def text(self, name: str) -> str:
        """An attribute's value; several are parted by commas, none is empty."""
        return self.attributes.get(name, "")

    def texts(self, name: str) -> tuple[str, ...]:
        """An attribute's values."""
        return tuple(self.text(name).split(",")) if self.text(name) else ()


@dataclass(frozen=True)
class QueueOf(Fact[Queue]):
    """What `server` says of a queue, by IPP: the attributes of these names."""

    server: str
    queue: str
    attributes: tuple[str, ...]

    timeout = _PATIENCE + 4.0

    def command(self) -> str:
        """The request comes on stdin."""
        return _ipptool(f"ipp://{self.server}/printers/{self.queue}")

    def stdin(self) -> bytes:
        """One IPP request, as ipptool reads it."""
        wanted = ",".join(self.attributes)
        return _request("Get-Printer-Attributes", f"ATTR keyword requested-attributes {wanted}")

    def read(self, reply: Reply) -> Queue:
        """A line for each attribute: name (type) = value."""
        status, said = _status(reply)
        if status.startswith("successful"):
            return Queue(dict(re.findall(r"^ +([a-z-]+) \([^)]*\) = (.*)$", said, re.MULTILINE)))
        if status == _NOT_FOUND:
            return Queue(exists=False, problem="there is no such queue")
        return Queue(problem=status)


@dataclass(frozen=True)
class Operation(Fact[str]):
    """What `server` answers who asks for an IPP operation on a queue, without a password.

    They say that they are `name`, which nobody proves. The answer is an IPP status or a sentence;
    those that begin with "successful" mean that it was done.
    """

    server: str
    queue: str
    operation: str
    name: str

    timeout = _PATIENCE + 4.0

    def command(self) -> str:
        """The request comes on stdin."""
        return _ipptool(f"ipp://{self.server}/printers/{self.queue}")

    def stdin(self) -> bytes:
        """One IPP request, as ipptool reads it."""
        return _request(self.operation, f"ATTR name requesting-user-name {self.name}")

    def read(self, reply: Reply) -> str:
        """The status alone."""
        return _status(reply)[0]


@dataclass(frozen=True)
class SchedulerStopped(Fact[tuple[str, ...]]):
    """CUPS stopped for the moment; the units that ran and have to be started again."""

    def command(self) -> str:
        """All at once, for they start each other; should the grader be killed, systemd does it."""
        units = " ".join(_UNITS)
        return (
            # A job that is cut off would be printed once more when CUPS is back.
            f"LC_ALL=C timeout {_FINISHING} sh -c 'while lpstat -p 2>/dev/null |"
            " grep -q now.printing; do sleep 0.1; done'; "
            f"ran=$(for unit in {units}; do systemctl -q is-active $unit && echo $unit; done); "
            f'[ -z "$ran" ] || {{ echo "$ran"; systemd-run --quiet --collect --unit={_TIMER} '
            f"--on-active={_AT_MOST} systemctl start $ran; }}; systemctl stop {units}"
        )

    def read(self, reply: Reply) -> tuple[str, ...]:
        """A unit in each line."""
        units = tuple(reply.stdout.split())
        if not reply.ok or not set(units) <= set(_UNITS):
            raise UnreadableOutput(f"CUPS cannot be stopped: {reply.text!r}")
        return units


@dataclass(frozen=True)
class SchedulerStarted(Fact[None]):
    """CUPS as it was before `SchedulerStopped`, whose answer `units` is."""

    units: tuple[str, ...]

    def command(self) -> str:
        """Nothing ran, nothing is started.

        What was restarted five times in ten seconds would not be, unless that is forgotten.
        """
        if not self.units:
            return "true"
        units = shlex.join(self.units)
        return (
            f"systemctl --quiet stop {_TIMER}.timer; systemctl reset-failed {units}; "
            f"systemctl start {units}"
        )

    def read(self, reply: Reply) -> None:
        """Only a complaint matters."""
        if not reply.ok:
            raise UnreadableOutput(f"CUPS cannot be started again: {reply.text!r}")


def _ipptool(uri: str) -> str:
    # It opens its input by name, which only root may do where root has opened it before.
    return f"LC_ALL=C ipptool -tv -T {_PATIENCE} {shlex.quote(uri)} /dev/stdin"


def _request(operation: str, *attributes: str) -> bytes:
    lines = (
        f"OPERATION {operation}",
        "GROUP operation-attributes-tag",
        "ATTR charset attributes-charset utf-8",
        "ATTR language attributes-natural-language en",
        "ATTR uri printer-uri $uri",
        *attributes,
    )
    return "\n".join(("{", *lines, "}", "")).encode()


def _status(reply: Reply) -> tuple[str, str]:
    """The status of the answer, or why there is none, and the answer itself."""
    _, found, said = reply.stdout.partition("status-code = ")
    if found:
        return said.split()[0], said
    unreachable = re.search(r'Unable to connect to "[^"]*" on port \d+', reply.text)
    if unreachable:
        return unreachable[0], ""
    raise UnreadableOutput(f"ipptool ended with {reply.status} and said {reply.text[:300]!r}")
