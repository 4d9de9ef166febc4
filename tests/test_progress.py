"""What is said while something goes on: moving lines at a terminal, plain ones elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from runner import progress as room
from runner.imagebuild import Step
from runner.progress import Progress, progress
from runner.voice import Voice


@dataclass
class Screen:
    """A terminal that understands what the moving lines need: lines, and going up to erase."""

    lines: list[str] = field(default_factory=list)
    raw: list[str] = field(default_factory=list)

    def draw(self, text: str) -> None:
        """As a terminal would."""
        self.raw.append(text)
        if text.startswith("\x1b["):
            up, _, rest = text.removeprefix("\x1b[").partition("F\x1b[J")
            del self.lines[-int(up) :]
            text = rest
        self.lines += text.splitlines()

    def note(self, text: str) -> None:
        """A line that stays."""
        self.raw.append(text)
        self.lines += text.splitlines()


@pytest.fixture
def screen() -> Screen:
    return Screen()


def voice(screen: Screen, *, moving: bool) -> Voice:
    """Speaks to the screen."""
    return Voice(answer=screen.note, note=screen.note, draw=screen.draw, ask=None, moving=moving)


def test_each_image_has_a_line_that_is_replaced(screen: Screen) -> None:
    telling = Progress(voice(screen, moving=True))
    telling.say(Step("base", "apt-get install", 1, 9, 3.2))
    telling.say(Step("net", "waits", 0, 0, 0.4))
    telling.say(Step("base", "COPY files", 2, 9, 4.9))
    assert [line.rsplit(" ", 2)[0] for line in screen.lines] == [
        "image base: step 2/9: COPY files",
        "image net: waits",
    ]
    assert screen.lines[0].endswith(" 3 s") or screen.lines[0].endswith(" 4 s")
    telling.say("starting 2 hosts")
    assert screen.lines == ["starting 2 hosts 0 s"]
    telling.answer("done")
    telling.finish()
    assert screen.lines == ["done"]


def test_elsewhere_every_word_is_a_line(screen: Screen) -> None:
    with progress(voice(screen, moving=False)) as telling:
        telling.say(Step("base", "apt-get install", 1, 9, 3.2))
        telling.say("starting 2 hosts")
    assert screen.lines == [
        "image base: step 1/9: apt-get install (3 s)",
        "starting 2 hosts",
    ]
    assert not any("\x1b" in text for text in screen.raw)


def test_time_is_seen_to_pass(screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "BEAT", 0.01)
    with progress(voice(screen, moving=True)) as telling:
        telling.say("waiting")
        drawn = len(screen.raw)
        telling.ended.wait(0.2)
        assert len(screen.raw) > drawn


def test_a_long_silence_is_broken_where_nothing_moves(
    screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "BEAT", 0.01)
    monkeypatch.setattr(room, "SILENCE", 0.05)
    with progress(voice(screen, moving=False)) as telling:
        telling.say("waiting")
        telling.ended.wait(0.3)
    assert screen.lines[1] == "... waiting (still at it after 0 s)"


def test_what_a_host_says_cannot_steer_the_terminal(screen: Screen) -> None:
    telling = Progress(voice(screen, moving=True))
    telling.say("host: \x1b[2J\x9b31m\nnext")
    telling.finish()
    assert all("\x1b[2J" not in text and "\x9b" not in text for text in screen.raw)
