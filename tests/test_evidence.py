"""Evidence: all that a grading rests on, without its secrets, and graded again the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from runner import canonical, case, catalogue, keys, places, recorded
from runner.canonical import HIGHEST
from runner.case import Case, Exchange
from runner.catalogue import Lab
from runner.chain import LIMIT, written
from runner.entry import START, Draft, Entry, Kind, sealed
from runner.errors import UsageError
from runner.evidence import TEXT, WHOLE, body, cut_checks, digests, replayed
from runner.forms import ValueForm
from runner.record import Attempt
from runner.values import Person
from runner.verdict import Outcome
from tests import small_lab
from tests.attempts import NOON, attempt

CASES = Path(__file__).parent / "graders" / "cases"
WORLD = {"digest": "0" * 64, "hosts": [{"host": "web", "image_id": "sha256:1"}]}

# One attempt of each lab: the longest, since it says most. These two have most to hide.
QUICK = {"1d", "4c"}
LONGEST = [
    pytest.param(
        max((CASES / code).glob("*.json*"), key=lambda file: file.stat().st_size),
        id=code,
        marks=[] if code in QUICK else [pytest.mark.slow],
    )
    for code in sorted(one.name for one in CASES.iterdir())
]


def of_case(found: Case, lab: Lab) -> Attempt:
    """The attempt that a recorded case is of."""
    grade = recorded.replay(found, lab)
    return replace(
        attempt(code=lab.code, demonstrated=grade.demonstrated),
        seed=found.seed,
        verdicts=grade.verdicts,
        lab_revision=found.revision,
        grader_revision=found.grader_revision,
    )


def entry_of(said: Mapping[str, Any], code: str, tmp_path: Path) -> Entry:
    """The entry that says so."""
    draft = Draft(UUID(int=1), Kind.GRADED, "ada", code, said)
    return sealed(draft, 1, START, keys.signing(tmp_path / "keys"), NOON + timedelta(hours=1))


def secrets_of(lab: Lab, seed: int) -> list[str]:
    """Every text that the lab keeps secret."""
    values = lab.values(seed)

    def texts(value: object) -> list[str]:
        if isinstance(value, Person):
            return [value.password]
        if isinstance(value, tuple):
            return [text for one in value for text in texts(one)]
        return [line.strip() for line in str(value).splitlines() if line.strip()]

    marked = [
        text
        for name, form in lab.form.values.items()
        if isinstance(form, ValueForm) and form.secret
        for text in texts(values[name])
    ]
    return [*marked, *values.secrets]


@pytest.mark.parametrize("file", LONGEST)
def test_a_bundle_keeps_no_secret_and_is_graded_again_the_same(file: Path, tmp_path: Path) -> None:
    found = case.read(file)
    lab = catalogue.find(file.parent.name, places.house())
    said = body(of_case(found, lab), found, lab, WORLD)
    entry = entry_of(said, lab.code, tmp_path)
    data = written(entry)
    assert len(data) < 2**20
    for secret in secrets_of(lab, found.seed):
        assert secret.encode() not in data
    again = replace(entry, body=canonical.loads(canonical.dumps(entry.body)))
    assert replayed(again, lab) == ()
    assert cut_checks(again) == []


@pytest.fixture
def small(tmp_path: Path) -> tuple[Lab, Case]:
    """A lab whose checks pass without asking, and a case of it with one exchange."""
    lab = small_lab.write(tmp_path)
    asked = Exchange(host="web", question="cat it", stdout="it is served")
    verdicts = [
        case.Judged(check=one.name, outcome=Outcome.PASSED, exchanges=(asked,))
        for one in lab.checks
    ]
    hosts = tuple(case.Standing(name=name, addresses=()) for name in lab.hosts)
    found = Case(
        format=1, code="9a", seed=5, revision="r", grader_revision="g", hosts=hosts,
        checks=tuple(verdicts),
    )  # fmt: skip
    return lab, found


def changed(found: Case, exchange: Exchange) -> Case:
    """The case with another exchange in its first check."""
    first = found.checks[0].model_copy(update={"exchanges": (exchange,)})
    return found.model_copy(update={"checks": (first, *found.checks[1:])})


def test_a_bundle_says_all_that_it_should(small: tuple[Lab, Case], tmp_path: Path) -> None:
    lab, found = small
    said = body(of_case(found, lab), found, lab, WORLD)
    assert set(said) >= {
        "title", "seed", "session", "started_at", "graded_at", "demonstrated", "points", "possible",
        "hints_used", "program_version", "lab_revision", "grader_revision", "engine", "checks",
        "mode", "attempt_digest", "hosts", "digests", "world",
    }  # fmt: skip
    assert said["mode"] == "practice"
    assert said["world"] == WORLD
    assert set(said["digests"]) == {"lab", "grader", "scenario"}
    assert said["checks"][0]["exchanges"] == [
        {"host": "web", "question": "cat it", "stdout": "it is served"}
    ]
    assert said["checks"][1]["standard"] == "The page is served."
    assert entry_of(said, "9a", tmp_path).body == said


def test_digests_are_of_the_task_the_grader_and_the_scenario(tmp_path: Path) -> None:
    lab = small_lab.write(tmp_path)
    was = digests(lab)
    assert digests(small_lab.read(tmp_path)) == was
    for name, file in (
        ("lab", lab.folder / "brief.md"),
        ("grader", lab.grader_file),
        ("scenario", lab.scenario_folder_of(lab.form) / "scenario.yaml"),
    ):
        file.write_text(file.read_text(encoding="utf-8") + "\n", encoding="utf-8")
        now = digests(small_lab.read(tmp_path))
        assert [one for one in now if now[one] != was[one]] == [name]
        was = now
    small_lab.put(lab.folder / "attempts" / "by_hand" / "99-more.web.sh", "true\n")
    assert digests(small_lab.read(tmp_path)) == was


def test_a_grader_that_decides_otherwise_is_shown_check_by_check(
    small: tuple[Lab, Case], tmp_path: Path
) -> None:
    lab, found = small
    said = body(of_case(found, lab), found, lab, WORLD)
    entry = entry_of(said, "9a", tmp_path)
    assert replayed(entry, lab) == ()
    stricter = [one | {"outcome": "FAILED", "reason": "no"} for one in said["checks"][1:2]]
    other = entry_of(
        said | {"checks": [said["checks"][0], *stricter, *said["checks"][2:]]}, "9a", tmp_path
    )
    assert replayed(other, lab) == ("page_is_served: recorded FAILED (no), now PASSED",)
    fewer = entry_of(said | {"checks": said["checks"][1:]}, "9a", tmp_path)
    assert replayed(fewer, lab) == ("boss_stays: not recorded",)


def test_what_is_too_long_is_cut_and_said_to_be(small: tuple[Lab, Case], tmp_path: Path) -> None:
    lab, found = small
    one = of_case(found, lab)
    long = changed(found, Exchange(host="web", question="q", stdout="é" * (TEXT + 1)))
    said = body(one, long, lab, WORLD)
    assert len(said["checks"][0]["exchanges"][0]["stdout"]) == TEXT
    assert cut_checks(entry_of(said, "9a", tmp_path)) == ["boss_stays"]


@pytest.mark.slow
@pytest.mark.parametrize("character", ["x", "é", "\0"])
def test_the_largest_bundle_can_be_verified(
    small: tuple[Lab, Case], tmp_path: Path, character: str
) -> None:
    lab, found = small
    one = Exchange(host="web", question=character * TEXT, stdout=character * TEXT)
    many = found.checks[0].model_copy(update={"exchanges": (one,) * 40})
    most = found.model_copy(update={"checks": (many, *found.checks[1:])})
    data = written(entry_of(body(of_case(found, lab), most, lab, WORLD), "9a", tmp_path))
    assert WHOLE < len(data) < LIMIT


def test_no_text_from_a_host_keeps_a_bundle_from_being_written(
    small: tuple[Lab, Case], tmp_path: Path
) -> None:
    lab, found = small
    odd = Exchange(
        host="web", question="\ud800\0\x1b[2J", stdout="\udfff«boss.password»", status=None
    )
    said = body(of_case(found, lab), changed(found, odd), lab, WORLD)
    assert said["checks"][0]["exchanges"][0]["question"] == "?\0\x1b[2J"
    assert written(entry_of(said, "9a", tmp_path))


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({}, "names no seed"),
        ({"seed": "x"}, "names no seed"),
        ({"seed": "5"}, "holds no recorded answers"),
        ({"seed": "5", "hosts": 1, "checks": []}, "was written in another form"),
        ({"seed": "5", "hosts": [], "checks": [{"check": 1}]}, "was written in another form"),
        ({"seed": "5", "hosts": [{"name": HIGHEST}], "checks": []}, "was written in another form"),
    ],
)
def test_what_cannot_be_graded_again_is_said(
    small: tuple[Lab, Case], tmp_path: Path, said: dict[str, Any], why: str
) -> None:
    with pytest.raises(UsageError, match=why) as caught:
        replayed(entry_of(said, "9a", tmp_path), small[0])
    assert caught.value.remedy


def test_only_gradings_are_graded_again(small: tuple[Lab, Case], tmp_path: Path) -> None:
    other = replace(entry_of({"seed": "5"}, "9a", tmp_path), kind="cosigned")
    with pytest.raises(UsageError, match="is of the kind cosigned"):
        replayed(other, small[0])
