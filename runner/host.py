"""A host as a check sees it: something that can be asked, and remembers what it answered."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import ClassVar, Generic, Protocol, TypeVar

from runner.errors import LookError, UnreadableOutput
from runner.printable import printable
from runner.verdict import Evidence

T = TypeVar("T")

EVIDENCE_LIMIT = 4000
"""Characters kept of one answer."""

_NOT_FOUND = 127


@dataclass(frozen=True, slots=True)
class Reply:
    """What a command on a host left: exit status and output, decoded and bounded."""

    status: int
    stdout: str
    stderr: str = ""
    seconds: float = 0.0
    truncated: bool = False

    @property
    def ok(self) -> bool:
        """The command said that it succeeded."""
        return self.status == 0

    @property
    def text(self) -> str:
        """Output and error output together, stripped."""
        return "\n".join(part.strip() for part in (self.stdout, self.stderr) if part.strip())


class Connection(Protocol):
    """A way to run commands on one host."""

    def run(
        self, command: str, *, stdin: bytes = b"", timeout: float = 10.0, user: str | None = None
    ) -> Reply:
        """Run a shell command as `user` (root if None); raises LookError if there is no answer."""

    def close(self) -> None:
        """End the connection; nothing of it stays on the host."""


class Fact(ABC, Generic[T]):
    """A question one can ask a host: a command and a pure reading of its output.

    Write it as a frozen dataclass whose fields are the parameters of the question. `command`
    builds shell text and quotes every field (`shlex.quote`); `read` turns the reply into a value
    and raises `UnreadableOutput` where it cannot. `timeout` is in seconds.

    Example:
        @dataclass(frozen=True)
        class Listening(Fact[bool]):
            port: int

            def command(self) -> str:
                return f"ss -Hltn 'sport = :{self.port}'"

            def read(self, reply: Reply) -> bool:
                return bool(reply.stdout.strip())
    """

    timeout: ClassVar[float] = 10.0
    dialect: ClassVar[str] = ""
    """netmiko's name of a network device's command language: asked at its prompt, no shell."""

    @abstractmethod
    def command(self) -> str:
        """The shell command that asks."""

    @abstractmethod
    def read(self, reply: Reply) -> T:
        """The answer, from what the command left."""

    def stdin(self) -> bytes:
        """What the command reads; nothing unless a fact says otherwise."""
        return b""


@dataclass
class Host:
    """One host of the world. `address` maps network name to the host's address there."""

    name: str
    connection: Callable[[], Connection]
    address: dict[str, str] = field(default_factory=dict)
    mask: Callable[[str], str] = str
    evidence: list[Evidence] = field(default_factory=list)
    budget: Callable[[], float] = field(default=lambda: 60.0)
    prompt: Callable[[str], Connection] | None = None

    def ask(self, fact: Fact[T], *, user: str = "root", timeout: float | None = None) -> T:
        """The host's answer to `fact`, asked as `user`; the exchange is kept as evidence.

        Raises LookError where no readable answer came.
        """
        began = monotonic()
        limit = min(timeout if timeout is not None else fact.timeout, max(self.budget(), 0.1))
        question = fact.command()
        try:
            reply = self._line(fact).run(
                question,
                stdin=fact.stdin(),
                timeout=limit,
                user=None if user == "root" else user,
            )
        except LookError as error:
            self._keep(user, question, None, str(error), monotonic() - began)
            raise
        self._keep(user, question, reply.status, reply.text, monotonic() - began)
        if reply.status == _NOT_FOUND and "not found" in reply.text:
            raise UnreadableOutput(
                f"{self.name} lacks a tool that the grader needs: {self._shown(reply.text, 200)}"
            )
        return fact.read(reply)

    def for_one_check(self, mask: Callable[[str], str], budget: Callable[[], float]) -> Host:
        """The same host with an empty evidence list of its own; `budget` is the seconds left."""
        return replace(self, mask=mask, evidence=[], budget=budget)

    def _line(self, fact: Fact[T]) -> Connection:
        if not fact.dialect:
            return self.connection()
        if self.prompt is None:
            raise UnreadableOutput(f"{self.name} has no prompt that speaks {fact.dialect}")
        return self.prompt(fact.dialect)

    def _keep(
        self, user: str, question: str, status: int | None, answer: str, seconds: float
    ) -> None:
        self.evidence.append(
            Evidence(
                host=self.name,
                user=user,
                question=self._shown(question, EVIDENCE_LIMIT),
                status=status,
                answer=self._shown(answer, EVIDENCE_LIMIT),
                seconds=round(seconds, 4),
            )
        )

    def _shown(self, text: str, limit: int) -> str:
        # Masked before cutting, which could leave half a password, and after cleaning, since a
        # colour code may stand in the midst of one.
        return self.mask(printable(self.mask(text), limit))
