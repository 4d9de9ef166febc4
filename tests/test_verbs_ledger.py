"""The verbs of the ledger, from the first grading to whoever has to believe it."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from runner import case, catalogue, evidence, keys, recorded
from runner.cli import main
from runner.errors import Exit
from runner.record import open_record
from runner.verdict import Evidence
from tests import small_lab
from tests.attempts import VERDICTS, attempt, raw
from tests.icebox import archive, put

ADA = ("--as", "ada")
ITO = ("--by", "M. Ito", "--reason", "seen at the desk")
WORLD = {"digest": "0" * 64, "hosts": []}

Said = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _apart(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Data folders of its own, the small lab beside the real ones, no engine."""
    monkeypatch.setenv("LAB_STATE", str(data.parent / "state"))
    monkeypatch.setenv("LAB_PATH", str(data.parent / "house"))
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent/docker.sock")
    monkeypatch.chdir(data.parent)


@pytest.fixture
def graded(tmp_path: Path) -> None:
    """Entry 2: ada was graded at 9a, not yet. Entry 3: again, demonstrated."""
    lab = small_lab.write(tmp_path)
    names = [one.name for one in lab.checks]
    found = case.Case(
        format=1, code="9a", seed=5, revision="r", grader_revision="g",
        hosts=tuple(case.Standing(name=name, addresses=()) for name in lab.hosts),
        checks=tuple(case.Judged(check=name, outcome=VERDICTS[0].outcome) for name in names),
    )  # fmt: skip
    good = recorded.replay(found, lab)
    with open_record() as record:
        first = replace(attempt("ada", "9a", minutes=1), seed=5)
        record.append(first, key=keys.signing())
        one = attempt("ada", "9a", minutes=2, demonstrated=True)
        one = replace(one, seed=5, verdicts=good.verdicts)
        record.append(one, evidence.body(one, found, lab, WORLD), keys.signing())


def lab(capsys: Said, *words: str, code: int = 0, note: bool = False) -> str:
    """What the program answers, or notes; its exit code is as expected."""
    found = main(list(words))
    out, err = capsys.readouterr()
    assert found == code, err
    return err if note else out or err


def tampered(file: Path, old: bytes, new: bytes) -> Path:
    """The file with something changed in it."""
    other = file.with_name("tampered.json")
    assert old in file.read_bytes()
    other.write_bytes(file.read_bytes().replace(old, new, 1))
    return other


@pytest.mark.usefixtures("graded")
def test_from_a_dispute_to_a_record_that_holds(
    capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "UTC")
    said = lab(capsys, "dispute", "2", "ssh_closed", *ADA, "--reason", "it was\x1b[2J closed")
    assert said == "Entry 4: ada disputes ssh_closed of 9a.\n"
    said = lab(capsys, "evidence", "4", *ADA, "--output", "dispute.json")
    world = json.loads(Path("dispute.json").read_bytes())["body"]["world"]
    assert world["unseen"].startswith("No container engine answers")  # it stops nobody
    said = lab(capsys, "override", "2", *ADA, *ITO, "--demonstrated")
    assert said == "Entry 5: 9a of ada counts as demonstrated.\n"
    said = lab(capsys, "cosign", "9a", *ADA, "--by", "Grace H. \u202e \u5c71\u7530")
    assert said == "Entry 6: Grace H. \\u202e \u5c71\u7530 co-signs 9a of ada.\n"
    said = lab(capsys, "cosign", "4A", *ADA, "--by", "Grace H.", "--observed", "laid the cables")
    assert said == "Entry 7: Grace H. saw 4a of ada on the job.\n"
    said = lab(capsys, "revoke", "3", *ADA, *ITO)
    assert said == "Entry 8: entry 3 (graded) is no longer in force.\n"
    shown = lab(capsys, "record", *ADA)
    assert (
        "When              Code  Mode      Result                                       Points"
        in shown
    )
    assert "1 observed on the job" in shown
    data = json.loads(lab(capsys, "record", *ADA, "--json"))
    first, second = data["attempts"]
    assert (first["demonstrated"], first["in_force"], first["entry"]) == (False, True, 2)
    assert [one["kind"] for one in first["later"]] == ["disputed", "overridden"]
    assert first["later"][0]["reason"] == "it was closed"
    assert (second["demonstrated"], second["in_force"]) == (True, False)
    assert [one["kind"] for one in second["later"]] == ["cosigned", "revoked"]
    assert [one["attempt"] for one in data["demonstrated"]] == [first["id"]]
    assert data["observed"][0]["observed"] == "laid the cables"
    (page,) = data["apprentices"]
    told = {one["code"]: (one["state"], one["signed_by"]) for one in page["competencies"]}
    assert (told["4a"], told["9a"]) == (("observed", "Grace H."), ("demonstrated", None))
    assert "laid the cables" in lab(capsys, "record", *ADA)
    assert "No attempt of bo" in lab(capsys, "record", "--as", "bo")
    assert lab(capsys, "verify", "--ledger").startswith("The ledger holds: 8 entries, the last")
    lab(capsys, "revoke", "8", *ADA, *ITO)
    assert json.loads(lab(capsys, "record", *ADA, "--json"))["attempts"][1]["in_force"]


@pytest.mark.usefixtures("graded")
def test_a_dispute_names_what_was_frozen_before(capsys: Said, tmp_path: Path) -> None:
    folder = tmp_path / "data" / "worlds"
    put(folder / "older.tar", archive(session="s1a2b3"))
    put(folder / "another.tar", archive(session="other"))
    words = ["dispute", "2", "ssh_closed", *ADA, "--reason", "closed"]
    assert "The world is frozen in " in lab(capsys, *words)
    put(folder / "older.tar", archive(session="s1a2b3").replace(b"hello", b"olleh"))
    assert "the world of now is not: No container engine" in lab(capsys, *words, note=True)
    with open_record() as record:
        first, second = (one.body["world"] for one in record.about("ada", "9a")[-2:])
    assert (first["file"], first["frozen_at"]) == ("older.tar", "2026-03-02T12:00:00.000005Z")
    assert first["sha256"] == hashlib.sha256(archive(session="s1a2b3")).hexdigest()
    assert list(second) == ["unseen"]


@pytest.mark.usefixtures("graded")
def test_a_bundle_is_written_verified_and_graded_again(capsys: Said, tmp_path: Path) -> None:
    said = lab(capsys, "evidence", "9a", *ADA)
    file = tmp_path / "evidence-9a-3.json"
    assert said == f"Entry 3 (graded, ada, 9a) is in {file.name}: ./lab verify {file.name}\n"
    assert re.match(
        r"Entry 3 \(graded, ada, 9a\) holds: signed with [0-9a-f]{64}\. demonstrated, graded 2026-",
        lab(capsys, "verify", file.name),
    )
    assert "The ledger holds: 3 entries" in lab(capsys, "verify", file.name, "--ledger")
    said = lab(capsys, "replay", file.name)
    assert said.endswith("Entry 3 (graded, ada, 9a) comes to the same outcome, check by check.\n")
    lab(capsys, "evidence", *ADA, "--output", "again.json")
    assert Path("again.json").read_bytes() == file.read_bytes()
    lab(capsys, "evidence", "2", *ADA, "--output", "first.json")
    entry = json.loads(Path("first.json").read_bytes())
    lab(capsys, "evidence", entry["id"], *ADA, "--output", "same.json")
    assert Path("same.json").read_bytes() == Path("first.json").read_bytes()
    said = lab(capsys, "replay", "first.json", code=Exit.WRONG_USE)
    assert "holds no recorded answers" in said


@pytest.mark.usefixtures("graded")
def test_a_changed_bundle_is_named(capsys: Said, tmp_path: Path) -> None:
    lab(capsys, "evidence", *ADA, "--output", "b.json")
    file = tampered(tmp_path / "b.json", b'"apprentice":"ada"', b'"apprentice":"eve"')
    said = lab(capsys, "verify", str(file), code=Exit.NOT_YET)
    assert re.fullmatch(
        r"Entry 3 \(graded, eve, 9a\): its content has the digest [0-9a-f]{16}, stated is"
        r" [0-9a-f]{16}\.\n",
        said,
    )
    assert lab(capsys, "replay", str(file), code=Exit.NOT_YET) == said


@pytest.mark.usefixtures("graded")
def test_a_grader_that_was_changed_shows_what_differs(capsys: Said, tmp_path: Path) -> None:
    lab(capsys, "evidence", *ADA, "--output", "b.json")
    grader = tmp_path / "house" / small_lab.GRADER
    text = grader.read_text(encoding="utf-8")
    # Of another length: of two files of one length and second, Python reads the compiled first.
    changed = text.replace('"""The page is served."""', '"""The page is served."""\n    1 / 0')
    small_lab.put(grader, changed)
    sys.modules.pop(f"{grader.parent.name}_{grader.stem}", None)
    code = main(["replay", "b.json"])
    out, err = capsys.readouterr()
    assert code == Exit.NOT_YET
    assert err == "The grader is not the same as then.\n"
    assert "page_is_served: recorded PASSED, now BROKEN (ZeroDivisionError" in out
    assert catalogue.find("9a", tmp_path / "house").checks


def test_the_key_is_shown_handed_out_and_changed(capsys: Said) -> None:
    first = lab(capsys, "keys").split()[0]
    lab(capsys, "keys", "export", "--output", "first.pem")
    assert lab(capsys, "keys", "export") == Path("first.pem").read_text(encoding="ascii")
    with open_record() as record:
        record.append(attempt("ada", "4c"), key=keys.signing())
    lab(capsys, "evidence", *ADA, "--output", "b.json")
    said = lab(capsys, "keys", "rotate")
    second = re.fullmatch(r"Entry 3: ([0-9a-f]{64}) signs from now on.\n", said)
    assert second
    assert lab(capsys, "keys") == f"{second[1]}  signs\n{first}  signed before\n"
    lab(capsys, "verify", "b.json", "--ledger")
    lab(capsys, "verify", "b.json", "--ledger", "--key", "first.pem")
    lab(capsys, "keys", "export", second[1][:20], "--output", "second.pem")
    said = lab(capsys, "verify", "b.json", "--key", "second.pem", code=Exit.NOT_YET)
    assert f"it is signed with the key {first[:16]}; known here: {second[1][:16]}." in said
    assert "./lab keys export" in said
    lab(capsys, "verify", "b.json", "--key", "second.pem", "--key", "first.pem")
    said = lab(capsys, "keys", "rotate", "--lost", code=Exit.WRONG_USE)
    assert "The signing key is there" in said
    assert "There are 0 keys whose fingerprint begins so." in lab(
        capsys, "keys", "export", "zz", code=Exit.WRONG_USE
    )


def test_a_key_that_others_can_read_stops_what_would_be_signed(
    capsys: Said, tmp_path: Path
) -> None:
    lab(capsys, "keys")
    (tmp_path / "data" / "keys" / "signing.pem").chmod(0o644)
    for words in (
        ("dispute", "9a", "x", "--reason", "y"),
        ("evidence", "9a"),
        ("keys",),
        ("keys", "rotate"),
    ):
        said = lab(capsys, *words, code=Exit.NOT_GRADED)
        assert "is open to others: its mode is 0644, 0600 was expected." in said
        assert "chmod 600 " in said


@pytest.mark.usefixtures("graded")
def test_what_waited_is_signed_by_the_next_that_signs(capsys: Said) -> None:
    with open_record() as record:
        record.append(attempt("ada", "9a", minutes=9))
    assert "1 to be signed yet" in _noted(capsys, "verify", "--ledger")
    lab(capsys, "evidence", *ADA, "--output", "b.json")
    entry = json.loads(Path("b.json").read_bytes())
    assert (entry["sequence"], entry["body"]["late"]) == (4, True)
    assert _noted(capsys, "verify", "--ledger") == ""


@pytest.mark.usefixtures("graded")
def test_a_bundle_that_the_ledger_has_no_longer_is_named(capsys: Said, tmp_path: Path) -> None:
    lab(capsys, "evidence", *ADA, "--output", "b.json")
    with raw(f"sqlite:///{tmp_path}/data/records.sqlite").begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER entry_no_delete")
        connection.exec_driver_sql("DELETE FROM entry WHERE sequence = 3")
    found = main(["verify", "b.json", "--ledger"])
    assert found == Exit.NOT_YET
    assert "Entry 3 (graded, ada, 9a) of b.json is not in the ledger" in capsys.readouterr().err
    said = lab(capsys, "verify", "--ledger", code=Exit.NOT_YET)
    assert "entries at the end of the ledger are gone" in said


WRONG = {
    "dispute 9a nosuch --as ada --reason x": "Entry 3 has no check of that name.",
    "dispute 1e x --as ada --reason x": "No grading of 1e by ada is in the ledger.",
    "dispute 9a x --as bo --reason x": "No grading of 9a by bo is in the ledger.",
    "dispute 7 x --as ada --reason x": "There is no entry 7 about anybody.",
    "dispute 1 x --as ada --reason x": "There is no entry 1 about anybody.",
    "dispute 2 x --as bo --reason x": "Entry 2 is not about bo.",
    "dispute x x --as ada --reason x": "The number of an entry was expected.",
    "override 9a --as ada --by ada --demonstrated --reason x": "Nobody can override what stands",
    "cosign 9a --as ada --by ada": "Nobody can co-sign what stands in a record of their own",
    "revoke 3 --as ada --by ada --reason x": "Nobody can revoke what stands in a record",
    "cosign 2 --as ada --by Ito": "9a does not count as demonstrated by ada: there is nothing",
    "cosign 99z --as ada --by Ito --observed x": "99z",
    "revoke 2 --as ada --by Ito --reason " + "x" * 2001: "--reason has 2001 characters; from 1 to",
    "revoke 2 --as ada --reason x --by " + "x" * 121: "--by has 121 characters; from 1 to 120",
    "evidence 12 --as ada": "There is no entry 12 about anybody.",
    "evidence 9a --as ada --output none/b.json": "There is no folder none.",
    "verify none.json": "none.json cannot be read: No such file or directory.",
    "verify none.json --key none.pem": "The key none.pem cannot be read: No such file",
}


@pytest.mark.usefixtures("graded")
def test_wrong_use_is_answered_with_what_to_do(capsys: Said) -> None:
    for words, said in WRONG.items():
        found = main(words.split())
        out, err = capsys.readouterr()
        assert (found, out) == (Exit.WRONG_USE, ""), words
        assert said in err
        assert len(err.splitlines()) == 2
    with open_record() as record:
        assert [one.kind for one in record.about()] == ["opened", "graded", "graded"]


@pytest.mark.usefixtures("graded")
def test_what_was_revoked_is_not_overridden(capsys: Said) -> None:
    lab(capsys, "revoke", "3", *ADA, *ITO)
    said = lab(capsys, "override", "3", *ADA, *ITO, "--demonstrated", code=Exit.WRONG_USE)
    assert said.startswith("Entry 3 was revoked by entry 4.\n./lab revoke 4 ")
    said = lab(capsys, "cosign", "9a", *ADA, "--by", "Grace H.", code=Exit.WRONG_USE)
    assert "nothing to co-sign" in said
    said = lab(capsys, "override", "4", *ADA, *ITO, "--demonstrated", code=Exit.WRONG_USE)
    assert "Entry 4 is no grading, but revoked." in said


# --- without this program -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def verifier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program in docs/records.md."""
    page = (Path(__file__).parent.parent / "docs" / "records.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert len(code.splitlines()) <= 40
    imported = set(re.findall(r"^(?:import|from) (\w+)", code, re.MULTILINE))
    assert imported - {"cryptography"} <= sys.stdlib_module_names
    file = tmp_path_factory.mktemp("verifier") / "verify.py"
    file.write_text(code, encoding="utf-8")
    return file


@pytest.mark.usefixtures("graded")
def test_the_documented_verifier_says_the_same(
    capsys: Said, tmp_path: Path, verifier: Path
) -> None:
    odd = replace(
        VERDICTS[0], evidence=(Evidence("h", "root", "\0\x7f\u2028 é \U0001f600", 0, '"\\/', 0.0),)
    )
    with open_record() as record:
        said = {"odd": '\0\x7f\u2028 é \U0001f600 "\\/\b\f\n\r\t', "n": [-1, 0, 2**53 - 1, None]}
        record.append(attempt("ada", "9a", minutes=9), said, keys.signing())
        record.append(replace(attempt("ada", "9a"), verdicts=(odd,)), key=keys.signing())
    lab(capsys, "keys", "export", "--output", "k.pem")
    files = []
    for number in ("2", "3", "4", "5"):
        lab(capsys, "evidence", number, *ADA, "--output", f"{number}.json")
        files.append(f"{number}.json")
    good = Path("3.json").read_bytes()
    half = len(good) // 2
    signature = re.search(rb'"signature":"([0-9a-f]+)"', good)
    assert signature
    wrong = {
        "content.json": good.replace(b'"demonstrated":true', b'"demonstrated":false'),
        "upper.json": good.replace(signature[1], signature[1].upper()),
        "signature.json": good.replace(signature[1], signature[1][::-1]),
        "blank.json": good.replace(b'"code":', b'"code": '),
        "more.json": good + b"\n",
        "byte.json": good[:half] + bytes([good[half] ^ 1]) + good[half + 1 :],
        "empty.json": b"",
        "list.json": b"[]",
        "deep.json": b"[" * 200_000,
    }
    for name, data in wrong.items():
        Path(name).write_bytes(data)

    def verified(*names: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-I", str(verifier), "k.pem", *names],
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
        )
        assert done.stderr == ""
        return done.returncode, done.stdout

    assert verified(*files) == (0, "".join(f"{name}: holds\n" for name in files))
    code, said_of = verified(*wrong)
    assert code == 1
    assert [line.partition(":")[0] for line in said_of.splitlines()] == list(wrong)
    assert "holds" not in said_of
    for name in wrong:
        assert main(["verify", name]) == Exit.NOT_YET
    capsys.readouterr()


def _noted(capsys: Said, *words: str) -> str:
    assert main(list(words)) == 0
    return capsys.readouterr().err
