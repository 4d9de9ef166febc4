"""The file of a recorded case: the same case is the same file, and anything else is refused."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from runner.case import Address, Case, Exchange, Judged, Standing, differences, read, write
from runner.errors import AuthoringError, UsageError
from runner.verdict import Grade, Outcome, Verdict
from tests.documented import fields_of, paths_in

ASKED = Exchange(host="web", question="cat größe", stdout="\x1b[1m\0ö")
CASE = Case(
    format=1,
    code="9a",
    seed=5,
    revision="61695051880d992c",
    grader_revision="8b05ea3fc363fa52",
    hosts=(Standing(name="web", addresses=(Address(network="office", address="10.0.0.2"),)),),
    checks=(
        Judged(check="one", outcome=Outcome.PASSED, exchanges=(ASKED,)),
        Judged(
            check="two",
            outcome=Outcome.FAILED,
            reason="job 0123456789ab",
            after_restart=True,
            exchanges=(ASKED,),
        ),
    ),
)
ONE = Verdict("one", "One.", Outcome.PASSED)
TWO = Verdict("two", "Two.", Outcome.FAILED, reason="job 0123456789ab", after_restart=True)


@pytest.mark.parametrize("name", ["case.json", "case.json.gz"])
def test_the_same_case_is_the_same_file(name: str, tmp_path: Path) -> None:
    write(CASE, tmp_path / name)
    first = (tmp_path / name).read_bytes()
    assert read(tmp_path / name) == CASE
    write(CASE, tmp_path / name)
    assert (tmp_path / name).read_bytes() == first


def test_what_is_the_usual_is_left_out(tmp_path: Path) -> None:
    write(CASE, tmp_path / "case.json")
    judged = json.loads((tmp_path / "case.json").read_text("utf-8"))["checks"][0]
    assert judged == {
        "check": "one",
        "outcome": "PASSED",
        "exchanges": [{"host": "web", "question": "cat größe", "stdout": "\x1b[1m\0ö"}],
    }


def test_half_a_character_loses_nothing_else(tmp_path: Path) -> None:
    broken = CASE.checks[0].model_copy(update={"reason": "KeyError: \udcff!"})
    write(CASE.model_copy(update={"checks": (broken,)}), tmp_path / "case.json")
    assert read(tmp_path / "case.json").checks[0].reason == "KeyError: ?!"


def test_a_case_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot be kept in .*: Is a directory\.$") as caught:
        write(CASE, tmp_path)
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("none.json", None, "No such file or directory"),
        ("empty.json", b"", "Invalid JSON: EOF while parsing a value"),
        ("half.json", b'{"format": 1', "Invalid JSON: EOF while parsing an object"),
        ("list.json", b"[]", "Input should be an object"),
        ("newer.json", b'{"format": 2}', "format: Input should be 1"),
        ("key.json", b'{"format": 1, "form": 1}', "code: Field required"),
        ("plain.json.gz", b"{}", "Not a gzipped file"),
        ("cut.json.gz", gzip.compress(b"{}" * 99, mtime=0)[:20], "ended before the end-of-stream"),
        ("bad.json.gz", gzip.compress(b"{}" * 99, mtime=0)[:10] + b"\xff" * 20, "Error -3"),
    ],
)
def test_a_file_that_is_no_case_is_named(
    name: str, content: bytes | None, why: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(AuthoringError) as caught:
        read(path)
    assert str(caught.value).startswith(f"{path}: this is no recorded case: ")
    assert why in str(caught.value)
    assert caught.value.remedy == "./lab grade --keep-evidence FILE records one"


def test_another_word_made_up_is_no_difference() -> None:
    again = Verdict("two", "Two.", Outcome.FAILED, reason="job ba9876543210", after_restart=True)
    assert differences(CASE, Grade("9a", (ONE, again))) == ()


@pytest.mark.parametrize(
    ("verdicts", "said"),
    [
        ((ONE,), "two: recorded, but no longer in the grader"),
        ((ONE, TWO, Verdict("new", "New.", Outcome.PASSED)), "new: not recorded"),
        (
            (Verdict("one", "One.", Outcome.FAILED, reason="gone"), TWO),
            "one: recorded PASSED, now FAILED (gone)",
        ),
        (
            (ONE, Verdict("two", "Two.", Outcome.PASSED)),
            "two: recorded FAILED after a restart (job 0123456789ab), now PASSED",
        ),
    ],
)
def test_a_difference_is_told(verdicts: tuple[Verdict, ...], said: str) -> None:
    assert differences(CASE, Grade("9a", verdicts)) == (said,)


def test_every_field_is_documented() -> None:
    assert fields_of(CASE.model_dump(mode="json")) == paths_in("recorded cases")
