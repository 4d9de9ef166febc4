"""What is going on, while it is going on: lines that move at a terminal, plain ones elsewhere."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Lock, Thread
from time import monotonic
from typing import Protocol

from runner.printable import one_line
from runner.voice import Voice

BEAT = 0.2
"""Seconds between two drawings of the moving lines."""
SILENCE = 10.0
"""Seconds after which, where nothing moves, the last line is said again with its age."""


class Counted(Protocol):
    """A step of something that tells how far it is, like the build of an image."""

    @property
    def image(self) -> str:
        """What is being made."""

    @property
    def seconds(self) -> float:
        """For how long already."""


@dataclass
class Progress:
    """What is going on; any thread may say something. Made by `progress`."""

    voice: Voice
    lines: dict[str, str] = field(default_factory=dict)
    began: dict[str, float] = field(default_factory=dict)
    shown: int = 0
    spoke: float = field(default_factory=monotonic)
    lock: Lock = field(default_factory=Lock)
    ended: Event = field(default_factory=Event)

    def say(self, what: str | Counted) -> None:
        """Something begins or goes on: a step replaces its image's line, a text the last one."""
        key = "" if isinstance(what, str) else what.image
        text = one_line(str(what))
        if not isinstance(what, str) and self.voice.moving:
            text = text.rpartition(" (")[0] or text  # the moving line counts for itself
        with self.lock:
            if not key:
                # What is told in words comes after what was told step by step.
                self.lines.clear()
            if key not in self.began or not key:
                self.began[key] = monotonic() - (0 if isinstance(what, str) else what.seconds)
            self.lines[key] = text
            self.spoke = monotonic()
            if self.voice.moving:
                self._draw()
            else:
                self.voice.note(text)

    def answer(self, text: str) -> None:
        """Answer something meanwhile, above the moving lines."""
        with self.lock:
            self._erase()
            self.voice.answer(text)
            self.spoke = monotonic()

    def beat(self) -> None:
        """Show that time passes, until it is over."""
        while not self.ended.wait(BEAT):
            with self.lock:
                if self.voice.moving:
                    self._draw()
                elif self.lines and monotonic() - self.spoke > SILENCE:
                    self.spoke = monotonic()
                    key = list(self.lines)[-1]
                    seconds = monotonic() - self.began[key]
                    self.voice.note(f"... {self.lines[key]} (still at it after {seconds:.0f} s)")

    def finish(self) -> None:
        """Take the moving lines away."""
        with self.lock:
            self.ended.set()
            self._erase()

    def _draw(self) -> None:
        if self.ended.is_set():
            return
        now = monotonic()
        width = shutil.get_terminal_size().columns - 1
        rows = []
        for key, text in self.lines.items():
            tail = f" {now - self.began[key]:.0f} s"
            room = max(width - len(tail), 10)
            rows.append((text if len(text) <= room else text[: room - 3] + "...") + tail)
        self._erase()
        self.voice.draw("".join(f"{row}\n" for row in rows))
        self.shown = len(rows)

    def _erase(self) -> None:
        if self.shown:
            self.voice.draw(f"\x1b[{self.shown}F\x1b[J")
            self.shown = 0


@contextmanager
def progress(voice: Voice) -> Iterator[Progress]:
    """Tell what is going on for as long as it does."""
    telling = Progress(voice)
    Thread(target=telling.beat, daemon=True).start()
    try:
        yield telling
    finally:
        telling.finish()
