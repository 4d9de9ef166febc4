"""What other systems read, asked for as people would: files that are written, and refusals."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from runner import keys
from runner.book import open_book
from runner.cli import main
from runner.entry import Kind
from runner.errors import Exit
from runner.record import open_record
from runner.verdict import Outcome
from tests.published import BADGE, CASE, STATEMENT, faults
from tests.record_store import plain, record_store
from tests.taken import attempt
from tests.test_chain import change
from tests.test_credential import verified_by_others

HOUSE = Path(__file__).parent / "house"
Said = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _apart(data: Path, monkeypatch: pytest.MonkeyPatch, listed: Path) -> None:
    """Nothing of this machine."""
    monkeypatch.setenv("LAB_STATE", str(shutil.copytree(listed, data.parent / "state")))
    monkeypatch.setenv("LAB_PATH", str(HOUSE))
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent/docker.sock")
    monkeypatch.chdir(data.parent)


@pytest.fixture
def _kept() -> None:
    """Ada demonstrated 1a and 9a and something that is gone; bo has tried."""
    with open_record() as kept:
        kept.append(attempt(1, "1a", Outcome.FAILED), key=keys.signing())
        for number, code in ((2, "1a"), (3, "9a"), (4, "8z")):
            done = attempt(number, code, Outcome.PASSED, demonstrated=True)
            kept.append(done, key=keys.signing())
        kept.append(attempt(5, "1a", Outcome.FAILED, apprentice="bo"), key=keys.signing())


def said(capsys: Said, words: str, code: int = 0) -> str:
    """What the program says; its exit code is as expected."""
    assert main(words.split()) == code
    out, err = capsys.readouterr()
    return out + err


@pytest.mark.usefixtures("_kept")
def test_a_badge_for_each_competency_that_holds_and_is_verified(
    capsys: Said, tmp_path: Path
) -> None:
    (tmp_path / "b").mkdir()
    told = said(capsys, "badges --as ada --output b --issuer Works")
    assert told == "2 badges of ada: b/badge-1a.json, b/badge-9a.json\n"
    for code in ("1a", "9a"):
        file = tmp_path / "b" / f"badge-{code}.json"
        found = json.loads(file.read_bytes())
        assert faults(found, BADGE) == []
        verified_by_others(found)
        told = said(capsys, f"verify b/badge-{code}.json")
        assert told.startswith(f"The badge {found['name']!r} holds: issued by did:key:z6Mk")
    (identity,) = found["credentialSubject"]["identifier"]
    assert (identity["hashed"], len(identity["salt"])) == (True, 32)


@pytest.mark.usefixtures("_kept")
def test_the_badge_of_one_competency_in_this_folder(capsys: Said) -> None:
    told = said(capsys, "badges 1A --as ada --email ada@example.org --identity plain")
    assert told == "1 badge of ada: badge-1a.json\n"
    found = json.loads(Path("badge-1a.json").read_bytes())
    (identity,) = found["credentialSubject"]["identifier"]
    assert identity["identityHash"] == "ada@example.org"
    assert "name" not in found["issuer"]


@pytest.mark.usefixtures("_kept")
def test_where_nothing_is_demonstrated_nothing_is_written(capsys: Said, tmp_path: Path) -> None:
    shows = " ./lab record shows what there is.\n"
    told = said(capsys, "badges --as bo", Exit.NOT_YET)
    assert told == f"No badge: bo has not demonstrated anything so far.{shows}"
    told = said(capsys, "badges 4a --as ada", Exit.NOT_YET)
    assert told == f"No badge: ada has not demonstrated 4a so far.{shows}"
    with open_book() as book:
        body = {"by": "ito", "reason": "copied"}
        graded = book.grading("1a", "ada")
        book.enter(Kind.REVOKED, graded, body | {"entry": str(graded.id)})
        graded = book.grading("9a", "ada")
        book.enter(Kind.OVERRIDDEN, graded, body | {"entry": str(graded.id), "demonstrated": False})
    said(capsys, "badges --as ada", Exit.NOT_YET)
    assert not list(tmp_path.glob("badge-*"))


@pytest.mark.usefixtures("_kept")
def test_a_grading_that_is_in_no_entry_makes_no_badge(capsys: Said, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/data/records.sqlite"
    change(url, "DELETE FROM entry WHERE kind = 'graded' AND code = '1a'")
    told = said(capsys, "badges --as ada")
    assert "No badge for 1a: the ledger has no entry of its grading.\n" in told
    assert "1 badge of ada: badge-9a.json\n" in told
    told = said(capsys, "badges 1a --as ada", Exit.NOT_YET)
    assert "No badge. ./lab record shows what there is.\n" in told


@pytest.mark.usefixtures("_kept")
def test_a_badge_that_was_changed_or_is_of_somebody_else_is_refused(
    capsys: Said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said(capsys, "badges 1a --as ada")
    file = tmp_path / "badge-1a.json"
    found = json.loads(file.read_bytes())
    told = said(capsys, "verify badge-1a.json --ledger", Exit.WRONG_USE)
    assert told.startswith("The ledger has entries, no badges")
    # Blanks and the order of fields are whoever's passes it on.
    file.write_text(json.dumps(dict(reversed(found.items())), indent=1))
    assert "holds" in said(capsys, "verify badge-1a.json")
    found["name"] = "\x1b[31mMaster of all"
    file.write_text(json.dumps(found))
    told = said(capsys, "verify badge-1a.json", Exit.NOT_YET)
    assert told.startswith("The badge badge-1a.json: its signature was not made with the issuer's")
    monkeypatch.setenv("LAB_DATA", str(tmp_path / "elsewhere"))
    told = said(capsys, "verify badge-1a.json", Exit.NOT_YET)
    assert "it was issued by did:key:z6Mk" in told
    assert "known here: none." in told
    for odd in ("{", '{"proof":1,"credentialSubject":1,"x":"\\ud800"}', '{"a":1,"a":1}'):
        file.write_text(odd)
        assert "is no bundle" in said(capsys, "verify badge-1a.json", Exit.NOT_YET)


def test_the_framework_as_a_package(capsys: Said) -> None:
    assert said(capsys, "standards --case f.json") == "Written: f.json\n"
    found = json.loads(Path("f.json").read_bytes())
    assert faults(found, CASE) == []
    codes = [one.get("humanCodingScheme") for one in found["CFItems"]]
    assert {"1a", "4c", "7d", "9a"} <= set(codes)
    assert None in codes  # the standards of those with a lab


@pytest.mark.usefixtures("_kept")
def test_the_record_as_statements(capsys: Said) -> None:
    words = "--xapi x.json --home-page https://lab.example/"
    assert said(capsys, f"record --all {words}") == "Written: x.json\n"
    found = json.loads(Path("x.json").read_bytes())
    assert [faults(one, STATEMENT) for one in found] == [[]] * 5
    said(capsys, f"record 9a --as ada {words}")
    assert len(json.loads(Path("x.json").read_bytes())) == 1
    told = said(capsys, f"record --as cy {words.replace('x.json', 'y.json')}")
    assert told == "No attempt of cy is recorded: ./lab grade keeps one.\n"
    assert not Path("y.json").exists()


@pytest.mark.usefixtures("_kept")
def test_the_record_is_sent_to_a_store(capsys: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_XAPI_USER", "ada")
    monkeypatch.setenv("LAB_XAPI_PASSWORD", "secret")
    with record_store() as shelf:
        words = f"record --all --xapi-endpoint {shelf.url} --home-page https://lab.example/"
        told = said(capsys, words)
        assert told.startswith(f"{shelf.url} has 5 statements.\n")
        shelf.strict = True
        told = said(capsys, words)
        assert told.startswith(f"{shelf.url} has 5 statements, 5 of which it had already.\n")
        assert {one[2]["authorization"] for one in shelf.asked} == {"Basic YWRhOnNlY3JldA=="}
        assert [faults(one, STATEMENT) for one in map(plain, shelf.statements.values())] == [[]] * 5
        shelf.broken = 401
        told = said(capsys, words, Exit.NOT_GRADED)
        assert (
            f"The store {shelf.url} answers 401. 0 of 5 statements were taken before.\n"
            "LAB_XAPI_USER and LAB_XAPI_PASSWORD, or LAB_XAPI_AUTHORIZATION, say who sends"
        ) in told
        told = said(capsys, words.replace("--all", "--as cy"))
        assert told == "No attempt of cy is recorded: ./lab grade keeps one.\n"
    told = said(capsys, words, Exit.NOT_GRADED)
    assert "cannot be reached: Connection refused." in told


@pytest.mark.usefixtures("_kept")
def test_badge_and_statement_name_the_competency_as_the_package_does(capsys: Said) -> None:
    said(capsys, "badges 1a --as ada")
    said(capsys, "standards --case f.json")
    said(capsys, "record 1a --as ada --xapi x.json --home-page http://[::1]:8080")
    badge, package, told = (
        json.loads(Path(name).read_bytes()) for name in ("badge-1a.json", "f.json", "x.json")
    )
    (item,) = (one for one in package["CFItems"] if one.get("humanCodingScheme") == "1a")
    (alignment,) = badge["credentialSubject"]["achievement"]["alignment"]
    assert alignment["targetUrl"] == item["uri"] == told[0]["object"]["id"]
    assert alignment["targetFramework"] == package["CFDocument"]["title"]


@pytest.mark.parametrize(
    "address", ["lab.example", "ftp://lab.example/", "https://", "https://a b", "javascript:x",
                "https://lab.example/\x1b[31m", 'https://lab.example/"', "https://" + "a" * 999],
)  # fmt: skip
def test_a_home_page_that_is_no_address_is_refused(address: str, capsys: Said) -> None:
    words = ["record", "--as", "ada", "--xapi", "x.json", "--home-page", address]
    assert main(words) == Exit.WRONG_USE
    err = capsys.readouterr().err
    assert err.startswith("--home-page ")
    assert "is no address of a web page." in err
    assert "\x1b" not in err
    assert not Path("x.json").exists()
