"""Lines to hosts: one each for all threads, dialled anew after a break, closed at the end."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from runner.engine import Engine
from runner.errors import HostUnreachable, StageError, UsageError
from runner.lines import Lines
from runner.practical import Practical
from tests.trial import running_in, world

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def joe(there: Engine) -> Iterator[Practical]:
    with world(there, "9a", "lines") as work:
        yield work


def test_a_line_comes_back_after_its_host_was_restarted(there: Engine, joe: Practical) -> None:
    with Lines(there) as lines:
        line = lines.open(joe.session, "client")
        assert line.run("echo one").stdout == "one\n"
        there.api.restart(joe.session.container("client").id, timeout=1)
        with pytest.raises(HostUnreachable):
            lines.open(joe.session, "client").run("echo two")
        assert lines.open(joe.session, "client").run("echo three").stdout == "three\n"


def test_all_threads_share_one_line_and_its_end_is_its_end(there: Engine, joe: Practical) -> None:
    before = running_in(there, joe)
    with Lines(there) as lines, ThreadPoolExecutor(6) as pool:
        opened = list(pool.map(lambda _: lines.open(joe.session, "client"), range(6)))
        assert len({id(one) for one in opened}) == 1
        with pytest.raises(UsageError, match="there is no host 'printer' in 9a"):
            lines.open(joe.session, "printer")
    with pytest.raises(HostUnreachable, match="the line to host client was closed"):
        opened[0].run("true")
    assert running_in(there, joe) == before
    with pytest.raises(StageError, match="the lines to the hosts were closed"):
        lines.open(joe.session, "client")


def test_a_host_that_is_off_says_so_and_comes_back(there: Engine, joe: Practical) -> None:
    client = joe.session.container("client").id
    with Lines(there) as lines:
        there.api.kill(client)
        with pytest.raises(HostUnreachable, match=r"^host client is switched off$"):
            lines.open(joe.session, "client")
        there.api.start(client)
        there.api.pause(client)
        with pytest.raises(HostUnreachable, match=r"^host client stands still"):
            lines.open(joe.session, "client")
        there.api.unpause(client)
        assert lines.open(joe.session, "client").run("echo up").stdout == "up\n"
