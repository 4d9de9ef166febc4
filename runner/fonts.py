"""Fonts of this machine: which of them have the letters that a text needs.

fontconfig knows best what is installed and which font is meant for reading; where it is not to be
had, the folders are looked through that systems keep fonts in.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path

from runner.errors import StageError
from runner.printable import one_line

_ENDS = {".ttf", ".otf", ".ttc", ".otc"}
_PATIENCE = 20.0
"""Seconds for fontconfig, which may have to read every font of the machine the first time."""
_TRIED = 60
"""How many fonts of those that are offered are opened at the most."""
_CJK = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO", "FULLWIDTH")


@dataclass(frozen=True, slots=True)
class Font:
    """A font in a file; `number` tells those of a collection apart."""

    file: Path
    number: int = 0


Offer = Callable[[Iterable[str]], Iterable[Font]]
"""Fonts that may have these characters, the best first."""


def fonts_for(texts: Iterable[str], offer: Offer) -> tuple[Font, ...]:
    """Fonts that together have every character, makeshifts last; StageError names one none has.

    Each script gets a font of its own: one that has them all draws none of them well.
    """
    scripts: dict[str, set[str]] = {}
    for character in {c for text in texts for c in text if drawn(c)}:
        scripts.setdefault(_script(character), set()).add(character)
    chosen: list[Font] = []
    for script in sorted(scripts, reverse=True):
        missing = scripts[script].difference(
            *(characters(f) for f in chosen if not is_makeshift(f))
        )
        while missing:
            font = _best(missing, offer)
            if font is None:
                raise _lacking(missing)
            chosen += [] if font in chosen else [font]
            missing = missing - characters(font)
    return tuple(sorted(chosen, key=is_makeshift))


def drawn(character: str) -> bool:
    """Whether there is anything to draw: a font may do without joiners, selectors and blanks."""
    if unicodedata.category(character) in {"Cf", "Zs", "Cc"}:
        return False
    return not 0xFE00 <= ord(character) <= 0xFE0F  # noqa: PLR2004 - the variation selectors


@lru_cache(maxsize=256)
def characters(font: Font) -> frozenset[str]:
    """Every character that a font can draw by outlines; none where the file cannot be used."""
    from fontTools.ttLib import TTFont, TTLibError

    with (
        suppress(OSError, TTLibError, KeyError, ValueError, AssertionError),
        font.file.open("rb") as file,
        TTFont(file, fontNumber=font.number, lazy=True) as opened,
    ):
        if {"glyf", "CFF ", "CFF2"} & set(opened.keys()):  # others have pictures, not outlines
            return frozenset(map(chr, opened.getBestCmap() or ()))
    return frozenset()


def is_makeshift(font: Font) -> bool:
    """Whether a font is only there so that something is drawn at all."""
    name = font.file.name.lower()
    return any(word in name for word in ("unifont", "lastresort", "fallback"))


def installed(wanted: Iterable[str]) -> Iterator[Font]:
    """The fonts of this machine, those that suit a page and have these characters first."""
    listed = _by_fontconfig(wanted)
    yield from _in_folders(folders()) if listed is None else listed


def folders() -> tuple[Path, ...]:
    """Where systems keep fonts."""
    home = Path.home()
    data = os.environ.get("XDG_DATA_HOME") or str(home / ".local" / "share")
    shared = os.environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
    found = [*(Path(one) / "fonts" for one in (data, *shared.split(":"))), home / ".fonts"]
    if sys.platform == "darwin":
        found += [Path(one) for one in ("/System/Library/Fonts", "/Library/Fonts")]
        found.append(home / "Library" / "Fonts")
    return tuple(found)


def _best(missing: set[str], offer: Offer) -> Font | None:
    """The first of the fonts offered that has most of what is missing, makeshifts last."""
    best, most = None, 0
    offered = list(islice(offer(sorted(missing)), _TRIED))
    for font in sorted(offered, key=is_makeshift):
        has = len(characters(font) & missing)
        if has > most:
            best, most = font, has
        if most == len(missing):
            break
    return best


def _script(character: str) -> str:
    """A word for the script of a character, good enough to tell them apart."""
    if ord(character) <= 0xFF:  # noqa: PLR2004 - Latin-1: with its digits and signs
        return "LATIN"
    return unicodedata.name(character, "").partition(" ")[0]


def _by_fontconfig(wanted: Iterable[str]) -> list[Font] | None:
    """What fontconfig recommends for an upright sans-serif; None where there is no fontconfig."""
    program = shutil.which("fc-match")
    if program is None:
        return None
    codes = " ".join(f"{ord(one):x}" for one in wanted)
    pattern = f"sans-serif:style=Regular:weight=80:slant=0:charset={codes}"
    with suppress(OSError, subprocess.SubprocessError, ValueError):
        told = subprocess.run(
            [program, "--all", "--format", "%{file}\t%{index}\n", pattern],
            capture_output=True,
            check=True,
            timeout=_PATIENCE,
        ).stdout
        found = []
        for line in os.fsdecode(told).splitlines():
            file, _, number = line.partition("\t")
            # The upper bits say which of a variable font's faces is meant.
            found.append(Font(Path(file), int(number) & 0xFFFF))
        return [one for one in found if one.file.suffix.lower() in _ENDS]
    return None


def _in_folders(where: Sequence[Path]) -> list[Font]:
    found = {
        Path(folder) / name
        for one in where
        for folder, _, names in os.walk(one)
        for name in names
        if Path(name).suffix.lower() in _ENDS
    }
    return [Font(file) for file in sorted(found, key=_upright_first)]


def _upright_first(file: Path) -> tuple[int, str]:
    name = file.stem.lower()
    odd = ("bold", "italic", "oblique", "mono", "black", "light", "thin", "condensed", "serif")
    return sum(word in name for word in odd), str(file)


def _lacking(missing: set[str]) -> StageError:
    character = min(missing)
    name = unicodedata.name(character, "without a name")
    package = "fonts-noto-cjk" if name.startswith(_CJK) else "fonts-noto-core"
    return StageError(
        f"No font of this machine has the character {one_line(character)}"
        f" (U+{ord(character):04X}, {name}), so the PDF would lack it.",
        remedy=f"Install fonts that have it (on Debian and Ubuntu: apt-get install {package};"
        " fonts-unifont has nearly all), or write the page with --html.",
    )
