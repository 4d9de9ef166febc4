"""Judges a shop whose keeper may have done anything to the server."""

from __future__ import annotations

from dataclasses import dataclass

from runner.check import check, require
from runner.host import Fact, Host, Reply
from runner.values import Values


@dataclass(frozen=True)
class Page(Fact[str]):
    """What the server on port 80 sends."""

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


class Greeting(Fact[str]):
    """What the keeper's own program says."""

    timeout = 2.0

    def command(self) -> str:
        """Ask."""
        return "test -x /srv/greet && /srv/greet"

    def read(self, reply: Reply) -> str:
        """Take what came."""
        return reply.stdout


@check(guard=True)
def keeper_has_an_account(web: Host, values: Values) -> None:
    """The keeper keeps the account on the server."""
    require(web.ask(Account(values.person("keeper").login)), "the account is gone")


@check()
def greeting_says_the_word(web: Host, values: Values) -> None:
    """The server's greeting is the word."""
    said = web.ask(Greeting(), user=values.person("keeper").login)
    require(said.strip() == values.text("word"), f"the greeting is {said}")


@check()
def page_shows_the_word(client: Host, web: Host, values: Values) -> None:
    """A passer-by sees the word on the page."""
    page = client.ask(Page(web.address["street"]))
    require(page.strip() == values.text("word"), f"the page is {page}")
