"""What images are made of: read from folders, named by a hash of it all."""

from __future__ import annotations

from pathlib import Path

import pytest

from runner import imagespec
from runner.errors import AuthoringError, UsageError
from runner.imagespec import OUTSIDE


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    put(tmp_path, "base", OUTSIDE)
    put(tmp_path, "net", "lab-base")
    put(tmp_path, "mail", "base")
    put(tmp_path, "shop", "lab-net")
    return tmp_path


def put(shelf: Path, name: str, base: str) -> Path:
    folder = shelf / name
    (folder / "files").mkdir(parents=True)
    (folder / "Dockerfile").write_text(f"ARG BASE={base}\nFROM ${{BASE}}\n")
    (folder / "files" / "run").write_text("#!/bin/sh\n")
    (folder / "files" / "data").write_text("1\n")
    return folder


def test_an_image_is_its_folder(shelf: Path) -> None:
    spec = imagespec.read("net", shelf)
    assert (spec.name, spec.base) == ("net", "base")
    assert [(file.path, file.mode) for file in spec.files] == [
        ("Dockerfile", 0o644),
        ("files/data", 0o644),
        ("files/run", 0o755),
    ]
    assert imagespec.names(shelf) == ("base", "mail", "net", "shop")


def test_what_an_image_stands_on_comes_before_it(shelf: Path) -> None:
    assert list(imagespec.needed(["shop", "mail"], shelf)) == ["base", "net", "shop", "mail"]


def test_the_same_files_give_the_same_tag_anywhere(shelf: Path, tmp_path: Path) -> None:
    tag = imagespec.tag_of("net", shelf)
    assert tag.startswith("lab-net:")
    assert len(tag) == len("lab-net:") + 12
    for name in ("base", "net"):
        put(tmp_path / "elsewhere", name, OUTSIDE if name == "base" else "lab-base")
    assert imagespec.tag_of("net", tmp_path / "elsewhere") == tag


def test_what_an_editor_leaves_behind_is_not_part_of_an_image(shelf: Path) -> None:
    tag = imagespec.tag_of("net", shelf)
    (shelf / "net" / "Dockerfile~").write_text("old")
    assert imagespec.tag_of("net", shelf) == tag


@pytest.mark.parametrize("change", ["content", "name", "mode", "below"])
def test_any_change_gives_another_tag(shelf: Path, change: str) -> None:
    before = imagespec.tag_of("shop", shelf)
    data = shelf / "net" / "files" / "data"
    if change == "content":
        data.write_text("2\n")
    elif change == "name":
        data.rename(data.with_name("other"))
    elif change == "mode":
        data.chmod(0o755)
    else:
        (shelf / "base" / "files" / "data").write_text("2\n")
    assert imagespec.tag_of("shop", shelf) != before


def test_an_unknown_image_is_named_with_those_there_are(shelf: Path) -> None:
    with pytest.raises(UsageError, match="There is no image 'nte'") as caught:
        imagespec.read("nte", shelf)
    assert caught.value.remedy == "There are: base, mail, net, shop."


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("FROM lab-base\n", "found none"),
        ("ARG BASE=lab-bsae\nFROM ${BASE}\n", "found bsae"),
        ("ARG BASE=lab-base\nARG BASE=lab-mail\nFROM ${BASE}\n", "found base and mail"),
    ],
)
def test_an_image_says_once_what_it_stands_on(shelf: Path, text: str, found: str) -> None:
    (shelf / "net" / "Dockerfile").write_text(text)
    with pytest.raises(AuthoringError, match=found) as caught:
        imagespec.read("net", shelf)
    assert caught.value.where == str(shelf / "net" / "Dockerfile")
    assert "lab-base, lab-mail, lab-net, lab-shop" in caught.value.remedy


def test_images_cannot_stand_on_each_other(shelf: Path) -> None:
    (shelf / "net" / "Dockerfile").write_text("ARG BASE=lab-shop\nFROM ${BASE}\n")
    with pytest.raises(AuthoringError, match="shop -> net -> shop"):
        imagespec.tag_of("shop", shelf)


def test_every_image_of_the_house_can_be_read() -> None:
    specs = imagespec.needed(imagespec.names())
    assert specs["base"].base == OUTSIDE
    assert [name for name, spec in specs.items() if spec.base == OUTSIDE] == ["base"]
