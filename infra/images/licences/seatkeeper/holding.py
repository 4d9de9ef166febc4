"""Seats that programs hold while people work, over interruptions of the network and the server."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .client import Client, Unreachable
from .protocol import Reply

BEAT = 5.0
"""Seconds between two signs of life."""
AGAIN = 0.2
"""Seconds after which a server that did not answer is asked again."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Whose seat it is, and of what."""

    feature: str
    user: str
    host: str

    def __str__(self) -> str:
        return f"{self.feature} {self.user}@{self.host}"


class Holder:
    """One seat, held. `file` remembers it, so that its client may be started anew.

    A seat that the server gave to somebody else is lost for good: whoever worked with it has lost
    their work, and finds that out before anything else happens.
    """

    def __init__(
        self,
        claim: Claim,
        where: tuple[str, int],
        file: Path,
        log: Callable[[str], None],
        *,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.claim, self._where, self._file, self._log, self._now = claim, where, file, log, now
        self._client: Client | None = None
        self._due = 0.0
        self._said = ""
        kept = _remembered(file)
        self.handle: int | None = kept[0] if kept else None
        self._token = kept[1] if kept else ""
        self.lost = kept is not None and kept[0] == 0

    @property
    def seated(self) -> bool:
        """Whether the seat is held at present."""
        return self._client is not None and self.handle is not None and not self.lost

    @property
    def connections(self) -> tuple[Client, ...]:
        """Where a server that goes away can be noticed: it says nothing unasked."""
        return (self._client,) if self._client is not None and not self.lost else ()

    def step(self, *, at_once: bool = False) -> float:
        """Do what is due, or at once; seconds until there is something to do again."""
        if self.lost:
            return BEAT
        left = self._due - self._now()
        if left > 0 and not at_once:
            return left
        try:
            wait = self._beat() if self._client else self._begin()
        except Unreachable as error:
            self._drop()
            self._tell(f"waits: {error}")
            wait = AGAIN
        self._due = self._now() + wait
        return wait

    def give_back(self) -> None:
        """End it in good order."""
        if self._client is not None and self.handle is not None:
            try:
                self._client.ask("CHECKIN", handle=self.handle)
            except Unreachable as error:
                self._tell(f"waits: {error}")
        self._drop()
        self._file.unlink(missing_ok=True)

    def _begin(self) -> float:
        client = Client(self._where)
        try:
            if self.handle is not None:
                reply = client.ask("RESUME", handle=self.handle, token=self._token)
            else:
                client.ask("HELLO", user=self.claim.user, host=self.claim.host)
                reply = client.ask("CHECKOUT", feature=self.claim.feature)
        except Unreachable:
            client.close()
            raise
        if not reply.ok:
            client.close()
            if self.handle is not None:
                self._lose()
                return BEAT
            self._tell(f"waits: {reply.code}")
            return AGAIN
        self._client = client
        self._seat(reply)
        return BEAT

    def _beat(self) -> float:
        reply = self._asked("BEAT")
        if any(one.word == "LOST" for one in reply.before):
            self._drop()
            self._lose()
        return BEAT

    def _asked(self, word: str) -> Reply:
        if self._client is None:
            raise Unreachable("no connection")
        return self._client.ask(word)

    def _seat(self, reply: Reply) -> None:
        self.handle = reply.last.number("handle")
        self._token = reply.last.get("token")
        _remember(self._file, self.handle, self._token)
        self._tell(f"works with seat {self.handle}")

    def _lose(self) -> None:
        self.lost = True
        _remember(self._file, 0, "")
        self._tell(f"lost seat {self.handle}, and the work with it")

    def _drop(self) -> None:
        if self._client is not None:
            self._client.close()
        self._client = None

    def _tell(self, text: str) -> None:
        if text != self._said:
            self._said = text
            self._log(f"{self.claim} {text}")


def _remembered(file: Path) -> tuple[int, str] | None:
    try:
        match json.loads(file.read_text(encoding="utf-8")):
            case {"handle": int(handle), "token": str(token)}:
                return handle, token
    except (OSError, ValueError):
        pass
    return None


def _remember(file: Path, handle: int, token: str) -> None:
    file.write_text(json.dumps({"handle": handle, "token": token}), encoding="utf-8")
