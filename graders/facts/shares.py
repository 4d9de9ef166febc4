"""Shared folders, as somebody at another computer finds them."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from enum import Enum
from typing import ClassVar

from runner.errors import UnreadableOutput
from runner.host import Fact, Reply


class Entrance(Enum):
    """What a share says to somebody; the value completes 'the share is ...'."""

    OPEN = "open"
    DENIED = "closed: access denied"
    NO_LOGIN = "out of reach: the login is refused"
    MISSING = "not there"


@dataclass(frozen=True)
class Share(Fact[Entrance]):
    """Whether `name` can list a share of `server`."""

    timeout: ClassVar[float] = 25.0
    server: str
    share: str
    name: str
    password: str = field(repr=False)

    def command(self) -> str:
        """The share's top folder is listed; name and password come by stdin."""
        where = shlex.quote(f"//{self.server}/{self.share}")
        return f"smbclient {where} --use-kerberos=off -t 20 -A /dev/stdin -c ls"

    def stdin(self) -> bytes:
        """What smbclient calls an authentication file."""
        return f"username = {self.name}\npassword = {self.password}\n".encode()

    def read(self, reply: Reply) -> Entrance:
        """By the status that the server gave."""
        if reply.ok:
            return Entrance.OPEN
        if "session setup failed" in reply.text:
            return Entrance.NO_LOGIN
        if "NT_STATUS_ACCESS_DENIED" in reply.text:
            return Entrance.DENIED
        if "NT_STATUS_BAD_NETWORK_NAME" in reply.text:
            return Entrance.MISSING
        raise UnreadableOutput(f"//{self.server}/{self.share} was answered with: {reply.text}")
