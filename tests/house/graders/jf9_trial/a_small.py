"""Judges whether the page is served."""

from __future__ import annotations

from dataclasses import dataclass

from runner.check import check, require
from runner.host import Fact, Host, Reply
from runner.values import Values


@dataclass(frozen=True)
class Page(Fact[str]):
    """What the server on port 80 sends; empty if nothing does."""

    address: str

    def command(self) -> str:
        """Ask."""
        return f"nc -w 2 {self.address} 80 </dev/null"

    def read(self, reply: Reply) -> str:
        """Take what came."""
        return reply.stdout


@dataclass(frozen=True)
class Account(Fact[bool]):
    """There is such an account."""

    name: str

    def command(self) -> str:
        """Ask."""
        return f"getent passwd {self.name}"

    def read(self, reply: Reply) -> bool:
        """Whether it was found."""
        return reply.ok


@check(guard=True)
def boss_has_an_account(web: Host, values: Values) -> None:
    """The boss keeps the account on the server."""
    require(web.ask(Account(values.person("boss").login)), "the account is gone")


@check(points=2, within=3, survives_restart=True)
def page_served(client: Host, web: Host, values: Values) -> None:
    """The office sees the company's page."""
    page = client.ask(Page(web.address["office"]))
    require(values.company().name in page, "the page does not show the company's name")
