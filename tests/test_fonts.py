"""Fonts: one for each script, makeshifts last, and no letter is ever left out in silence."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from runner import fonts
from runner.errors import StageError
from runner.fonts import Font, characters, drawn, fonts_for, installed
from tests.type_case import font

ARABIC, LATIN = "محمد", "Łukasz"


def offering(*those: Font) -> fonts.Offer:
    """A machine with these fonts, in this order."""

    def offer(wanted: Iterable[str]) -> Iterable[Font]:
        del wanted
        return those

    return offer


def test_each_script_gets_a_font_that_is_meant_for_it(tmp_path: Path) -> None:
    everything = font(tmp_path, "unifont", ARABIC + LATIN + "李")
    arabic, latin = font(tmp_path, "Naskh", ARABIC), font(tmp_path, "Sans", LATIN)
    offer = offering(everything, latin, arabic)
    assert set(fonts_for([f"{ARABIC} {LATIN}"], offer)) == {arabic, latin}
    assert set(fonts_for([f"{ARABIC} 李"], offer)) == {arabic, everything}  # a makeshift at last


def test_nothing_is_looked_for_where_nothing_is_needed() -> None:
    assert fonts_for([], offering()) == ()
    assert fonts_for(["\u200d \ufe0f"], offering()) == ()


def test_a_letter_that_no_font_has_is_named_with_what_brings_it(tmp_path: Path) -> None:
    with pytest.raises(StageError) as caught:
        fonts_for(["李"], offering(font(tmp_path, "Sans", LATIN)))
    assert str(caught.value) == (
        "No font of this machine has the character 李 (U+674E, CJK UNIFIED IDEOGRAPH-674E), so the"
        " PDF would lack it."
    )
    assert "apt-get install fonts-noto-cjk" in caught.value.remedy
    assert "--html" in caught.value.remedy


def test_one_letter_that_is_missing_is_enough(tmp_path: Path) -> None:
    with pytest.raises(StageError, match=r"U\+0E2A") as caught:
        fonts_for([f"{LATIN} ส"], offering(font(tmp_path, "Sans", LATIN)))
    assert "fonts-noto-core" in caught.value.remedy


def test_a_file_that_is_no_font_has_no_letters(tmp_path: Path) -> None:
    broken = tmp_path / "broken.ttf"
    broken.write_bytes(b"\x00\x01\x00\x00 no font")
    assert characters(Font(broken)) == frozenset()
    assert characters(Font(tmp_path / "gone.ttf")) == frozenset()
    good = font(tmp_path, "Sans", "Ł")
    assert fonts_for(["Ł"], offering(Font(broken), good)) == (good,)


def test_without_fontconfig_the_folders_are_looked_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "share" / "fonts" / "own"
    own.mkdir(parents=True)
    bold, upright = font(own, "Sans-Bold", "Ł"), font(own, "Sans-Regular", "Ł")
    (own / "readme.txt").touch()
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    monkeypatch.setenv("XDG_DATA_DIRS", str(tmp_path / "none"))
    found = [one for one in installed("Ł") if one.file.is_relative_to(tmp_path)]
    assert found == [upright, bold]


def test_fontconfig_is_asked_for_fonts_that_have_the_letters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "fc-match"
    program.write_text(
        f'#!/bin/sh\necho "$*" > {tmp_path}/asked\n'
        "printf '/f/Sans.ttc\\t65537\\n/f/Old.pfb\\t0\\n/f/Serif.otf\\t0\\n'\n",
        encoding="utf-8",
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert list(installed("Łé")) == [Font(Path("/f/Sans.ttc"), 1), Font(Path("/f/Serif.otf"))]
    assert "charset=141 e9" in (tmp_path / "asked").read_text(encoding="utf-8")


def test_a_fontconfig_that_fails_is_done_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "fc-match"
    program.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert isinstance(list(installed("Ł")), list)


def test_what_is_not_drawn_needs_no_font() -> None:
    assert not [c for c in "\u200c\u200d\u202a\ufe0f \u00a0" if drawn(c)]
    assert all(map(drawn, "Łم李😀\u0301"))
