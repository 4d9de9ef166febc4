"""A new lab: complete, in its places, and fit on paper as it is; or nothing at all."""

from __future__ import annotations

import ast
import re
import shutil
from pathlib import Path

import pytest

from runner import authored, catalogue, drafting, places, schemas, validation
from runner.drafting import Draft
from runner.errors import StageError, UnknownCode, UsageError

TITLE = 'Scans: who "sees" them?'
FUNCTION = "Keeps the records"


@pytest.fixture(autouse=True)
def _no_other_labs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LAB_PATH", raising=False)


def drafted(root: Path, code: str = "8a", title: str = TITLE) -> Draft:
    draft = drafting.plan(code, title, root, FUNCTION)
    drafting.write(draft)
    return draft


def below(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*"))


def test_a_new_lab_is_fit_on_paper(tmp_path: Path) -> None:
    drafted(tmp_path)
    lab = catalogue.find("8a", tmp_path)
    assert lab.title == TITLE
    assert validation.read(lab, (1, 2, 3)) == ()


def test_it_stands_in_its_places(tmp_path: Path) -> None:
    draft = drafting.plan("8a", TITLE, tmp_path, FUNCTION)
    assert drafting.write(draft) == (draft.world, draft.lab, draft.grader)
    assert draft.lab == tmp_path / "labs" / "jf8_keeps_records" / "a_scans_who_sees_them"
    assert draft.grader.with_name("__init__.py").is_file()
    assert not list(tmp_path.glob(".new-*"))
    assert not draft.found


def test_its_files_hold_no_mark_of_the_draft_and_know_their_schema(tmp_path: Path) -> None:
    drafted(tmp_path)
    for path in (path for path in tmp_path.rglob("*") if path.is_file()):
        text = authored.read_text(path)
        assert not re.search(r"@(code|title|world)@", text), path
        if path.suffix == ".yaml":
            named = text.partition("\n")[0].removeprefix("# yaml-language-server: $schema=")
            assert (path.parent / named).resolve() == schemas.folder(tmp_path) / schemas.file_name(
                path.stem
            )


def test_its_steps_and_its_grader_can_be_read(tmp_path: Path) -> None:
    draft = drafted(tmp_path)
    tree = ast.parse(authored.read_text(draft.grader))
    own = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    assert own == [check.name for check in catalogue.find("8a", tmp_path).checks]
    assert max(len(line) for line in authored.read_text(draft.grader).splitlines()) <= 100


def test_a_second_one_joins_the_first(tmp_path: Path) -> None:
    first = drafted(tmp_path)
    second = drafting.plan("8b", "Another", tmp_path)
    drafting.write(second)
    assert second.function == first.function
    assert [lab.code for lab in catalogue.labs(tmp_path)] == ["8a", "8b"]
    for lab in catalogue.labs(tmp_path):
        assert validation.read(lab, (1,)) == ()


def test_a_function_of_the_framework_has_its_folder_or_its_name(tmp_path: Path) -> None:
    assert drafting.plan("4d", TITLE, tmp_path).function == "jf4_networks"
    assert drafting.plan("2a", TITLE, tmp_path).function.startswith("jf2_")


@pytest.mark.parametrize(
    ("code", "title", "function", "says"),
    [
        ("a8", TITLE, FUNCTION, "There can be no lab 'a8'."),
        ("8", TITLE, FUNCTION, "There can be no lab '8'."),
        ("8aa\n", TITLE, FUNCTION, "There can be no lab '8aa"),
        ("4c", TITLE, None, "There is a lab 4c already: "),
        ("4C", TITLE, None, "There is a lab 4c already: "),
        ("8a", TITLE, None, "Job function 8 stands in no framework and has no labs yet."),
        ("8a", TITLE, "...", "Job function 8 stands in no framework and has no labs yet."),
        ("4d", TITLE, "Nets", "Job function 4 has a folder already: jf4_networks."),
        ("8a", "", FUNCTION, "The title '' is none: words"),
        ("8a", "...", FUNCTION, "The title '...' is none: words"),
        ("8a", "{{ seed }}", FUNCTION, "The title '{{ seed }}' is none: braces"),
        ("8a", "a\x07b", FUNCTION, "is none: braces and characters that cannot be printed"),
        ("8a", "word " * 20, FUNCTION, "is none: it has 99 characters; at most 80"),
    ],
)
def test_what_cannot_be_is_refused(
    tmp_path: Path, code: str, title: str, function: str | None, says: str
) -> None:
    with pytest.raises(UsageError) as caught:
        drafting.plan(code, title, tmp_path, function)
    assert says in str(caught.value)
    assert caught.value.remedy
    assert below(tmp_path) == []


def test_a_competency_that_the_framework_does_not_have_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownCode, match="There is no competency '4z'"):
        drafting.plan("4z", TITLE, tmp_path)


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    draft = drafted(tmp_path)
    shutil.rmtree(draft.lab)
    before = below(tmp_path)
    with pytest.raises(UsageError, match="is there already, and nothing is overwritten"):
        drafted(tmp_path)
    assert below(tmp_path) == before


@pytest.mark.parametrize("fault", [KeyboardInterrupt, OSError(28, "No space left on device")])
def test_half_a_lab_is_taken_away_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: BaseException | type[BaseException]
) -> None:
    drafted(tmp_path)
    before = below(tmp_path)
    draft = drafting.plan("8b", "Another", tmp_path)
    move = Path.rename

    def stumbling(path: Path, target: Path) -> Path:
        moved = move(path, target)
        if target == draft.lab:
            raise fault
        return moved

    monkeypatch.setattr(Path, "rename", stumbling)
    with pytest.raises((KeyboardInterrupt, StageError)):
        drafting.write(draft)
    assert below(tmp_path) == before


def test_a_folder_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(StageError, match="The lab cannot be written to"):
        drafted(tmp_path / "file" / "below")


def test_a_folder_that_lab_path_names_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAB_PATH", str(tmp_path))
    assert drafted(tmp_path).found
    assert drafting.plan("4d", TITLE, places.house()).found
