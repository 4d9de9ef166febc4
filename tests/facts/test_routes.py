"""Recorded answers about routes, read."""

from __future__ import annotations

import pytest

from graders.facts.routes import CardTowards
from runner.errors import UnreadableOutput
from runner.host import Reply

CARD = CardTowards("192.0.2.80")


@pytest.mark.parametrize(
    ("line", "card"),
    [
        ("192.0.2.80 via 198.18.12.2 dev eth0 src 198.18.12.62 uid 0 \\    cache \n", "eth0"),
        ("192.0.2.80 dev vX2w6sq src 10.69.251.56 uid 0 \\    cache \n", "vX2w6sq"),
    ],
)
def test_the_card_is_read(line: str, card: str) -> None:
    assert CARD.read(Reply(0, line)) == card


def test_no_route_is_no_answer() -> None:
    with pytest.raises(UnreadableOutput):
        CARD.read(Reply(2, "", "RTNETLINK answers: Network is unreachable\n"))
