"""The words of the program: help, wrong use, machine-readable answers, ends of every kind.

A golden file holds what one wrong call says. To write them anew after a message was changed on
purpose: LAB_GOLDEN=write pytest tests/test_cli.py
"""

from __future__ import annotations

import json
import os
import pty
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import click
import pytest

from runner import cli, values
from runner.cli import VERBS, main
from runner.errors import Exit, LabError
from runner.verbs_framework import listed_data
from runner.words import HIGHEST_SEED

ROOT = Path(__file__).parent.parent
HOUSE = ROOT / "tests" / "house"
GOLDEN = ROOT / "tests" / "golden" / "messages"

IMAGES = ("images list", "images build", "images prune")
KEYS = ("keys export", "keys rotate")

WRONG = {
    "nothing": "",
    "unknown-verb": "grad",
    "code-as-verb": "4c",
    "unknown-option": "list --jsno",
    "list-argument": "list 4c",
    "start-no-lab-yet": "start 4a",
    "start-unknown-code": "start 4cc",
    "start-turned-code": "start c4",
    "start-words": "start printers",
    "start-nonsense": "start zzz",
    "start-escape": "start \x1b[31mred",
    "start-assess-seed": "start 9a --assess --seed 5",
    "start-seed-zero": "start 9a --seed 0",
    "start-seed-text": "start 9a --seed seven",
    "start-name": "start 9a --as ../ada",
    "start-no-engine": "start 9a --yes",
    "brief-no-engine": "brief",
    "brief-two-codes": "brief 9a 9a",
    "shell-two-hosts": "shell web client",
    "grade-no-engine": "grade 9a",
    "grade-option": "grade --colour",
    "grade-keep-nowhere": "grade 9a --keep-evidence nowhere/case.json",
    "grade-keep-folder": "grade 9a --keep-evidence /",
    "hint-number": "hint 9a 2",
    "reset-seed": "reset 9a --seed -3",
    "stop-all-and-code": "stop 9a --all",
    "status-two-codes": "status 9a 9a",
    "start-max-sessions": "start 9a --max-sessions 0",
    "pool-size-of-nothing": "pool --size 3",
    "pool-watch-of-nothing": "pool 9a --watch",
    "pool-size": "pool 9a --size many",
    "pool-unknown-code": "pool 4a --size 1",
    "pool-no-engine": "pool 9a --size 1",
    "record-name": "record --as Ada!",
    "record-two-forms": "record --html a.html --json",
    "record-page-of-all": "record --all --html a.html",
    "record-page-of-one-code": "record 9a --csv a.csv",
    "record-full-name-nowhere": "record --full-name Ada",
    "record-page-of-nobody": "record --as nobody --html a.html",
    "record-page-nowhere": "record --html nowhere/a.html",
    "record-page-folder": "record --html /",
    "record-table-device": "record --csv /dev/null",
    "record-statements-of-nowhere": "record --xapi a.json",
    "record-home-page-alone": "record --home-page https://lab.example/",
    "record-home-page": "record --xapi a.json --home-page lab.example",
    "record-statements-two-forms": "record --xapi a.json --csv a.csv --home-page https://x/",
    "record-store-alone": "record --xapi-endpoint https://lrs.example/xapi/",
    "record-store-in-the-clear": "record --xapi-endpoint http://lrs/ --home-page https://x/",
    "record-store-nowhere": "record --xapi-endpoint lrs.example --home-page https://x/",
    "record-store-password": "record --xapi-endpoint https://a:b@lrs/ --home-page https://x/",
    "record-store-query": "record --xapi-endpoint https://lrs/?a=b --home-page https://x/",
    "record-store-two-forms": (
        "record --xapi-endpoint https://lrs/ --xapi a.json --home-page https://x/"
    ),
    "record-insecure-alone": "record --xapi a.json --home-page https://x/ --xapi-insecure",
    "schedule-argument": "schedule 9a",
    "schedule-two-forms": "schedule --html a.html --pdf a.pdf",
    "schedule-paper": "schedule --pdf a.pdf --paper a3",
    "schedule-paper-alone": "schedule --paper letter",
    "schedule-of-nobody": "schedule --as nobody",
    "schedule-pdf-nowhere": "schedule --blank --pdf nowhere/a.pdf",
    "standards-two-forms": "standards --html a.html --json",
    "standards-page-nowhere": "standards 9a --html nowhere/a.html",
    "standards-page-unknown": "standards 99z --html a.html",
    "standards-package-of-one-code": "standards 9a --case a.json",
    "standards-package-two-forms": "standards --case a.json --html a.html",
    "standards-package-folder": "standards --case /",
    "badges-name": "badges --as Ada!",
    "badges-unknown-code": "badges 99z",
    "badges-folder": "badges --output nowhere",
    "badges-email": "badges --email \x1b[31mada",
    "badges-identity": "badges --identity secret",
    "badges-issuer": "badges --issuer= ",
    "statistics-unknown-code": "statistics 99z",
    "dispute-nothing": "dispute 9a",
    "dispute-no-reason": "dispute 9a page_served",
    "dispute-no-grading": "dispute 9a page_served --as ada --reason wrong",
    "dispute-name": "dispute 9a page_served --as Ada! --reason wrong",
    "dispute-escape": "dispute \x1b[31mred page_served --as ada --reason wrong",
    "override-neither": "override 9a --as ada --by ito --reason seen",
    "override-no-grading": "override 9a --as ada --by ito --reason seen --demonstrated",
    "override-own": "override 9a --as ada --by ada --reason seen --demonstrated",
    "cosign-nothing": "cosign",
    "cosign-no-grading": "cosign 9a --as ada --by ito",
    "cosign-unknown-code": "cosign 99z --as ada --by ito --observed calls",
    "cosign-empty": "cosign 4a --as ada --by ito --observed= ",
    "revoke-no-entry": "revoke 7 --as ada --by ito --reason wrong",
    "revoke-code": "revoke 9a --as ada --by ito --reason wrong",
    "export-world-no-engine": "export-world 9a",
    "export-world-limit": "export-world 9a --limit 5",
    "export-world-keep": "export-world 9a --keep forever",
    "export-world-nowhere": "export-world --inspect nowhere.tar",
    "export-world-two": "export-world 9a --prune",
    "evidence-no-grading": "evidence --as ada",
    "evidence-no-entry": "evidence 12 --as ada",
    "verify-nothing": "verify",
    "verify-no-file": "verify none.json",
    "verify-no-key": "verify none.json --key none.pem",
    "verify-folder": "verify /",
    "replay-nothing": "replay",
    "replay-no-file": "replay none.json",
    "keys-unknown": "keys remove",
    "keys-export-unknown": "keys export zz",
    "standards-unknown-code": "standards 99z",
    "attempt-nothing": "attempt",
    "attempt-three": "attempt 9a service again",
    "try-nothing": "try",
    "try-three": "try 9a page_served again",
    "try-no-engine": "try 9a page_served",
    "validate-nothing": "validate",
    "validate-all-and-code": "validate 9a --all",
    "validate-jobs": "validate 9a --jobs 0",
    "validate-unknown-code": "validate 4a",
    "doctor-argument": "doctor now",
    "images-unknown": "images remove",
    "images-build-unknown": "images build bsae",
}


@pytest.fixture(autouse=True)
def _apart(data: Path, monkeypatch: pytest.MonkeyPatch, listed: Path) -> None:
    """Nothing of this machine: own folders, the trial house beside the real one, no engine."""
    monkeypatch.setenv("LAB_STATE", str(shutil.copytree(listed, data.parent / "state")))
    monkeypatch.setenv("LAB_PATH", str(HOUSE))
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent/docker.sock")


@pytest.mark.parametrize("verb", [*VERBS, *IMAGES, *KEYS])
def test_every_verb_has_help_with_an_example(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*verb.split(), "--help"]) == 0
    said = capsys.readouterr().out
    assert re.search(rf"Example:\n +\./lab {verb}\b", said)
    assert "\x1b" not in said


def test_the_help_lists_every_verb_with_its_whole_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    said = capsys.readouterr().out
    assert re.findall(r"^  (\w[\w-]*)  +[A-Z]", said, re.MULTILINE) == list(VERBS)
    assert not re.search(r"\w\.\.\.", said)


def test_the_version_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert re.fullmatch(r"lab \d+\.\d+\.\d+\n", capsys.readouterr().out)


@pytest.mark.parametrize("name", WRONG)
def test_wrong_use_is_answered_with_what_to_do(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(WRONG[name].split())
    out, err = capsys.readouterr()
    assert out == ""
    # Which labs there are changes; how they are named does not.
    said = re.sub(r"(There are(?: labs for)?: )[^\n]*", r"\1...", err)
    found = f"$ ./lab {WRONG[name]}".encode("unicode_escape").decode() + f"\n{said}[exit {code}]\n"
    file = GOLDEN / f"{name}.txt"
    if os.environ.get("LAB_GOLDEN") == "write":
        file.write_text(found, encoding="utf-8")
    assert found == file.read_text(encoding="utf-8")
    assert code in {Exit.WRONG_USE, Exit.NOT_GRADED}
    assert "Traceback" not in err


def test_every_golden_file_has_its_call() -> None:
    assert {file.stem for file in GOLDEN.iterdir()} == set(WRONG)


def test_seeds_are_what_values_take() -> None:
    assert values.SEED_LIMIT - 1 == HIGHEST_SEED


# --- answers ------------------------------------------------------------------------------------


def test_the_list_has_every_competency_and_says_which_have_no_lab(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["list"]) == 0
    said = capsys.readouterr().out
    codes = re.findall(r"^  (\d[a-z])  ", said, re.MULTILINE)
    assert len(codes) == 44  # the framework's 43 and the trial house's own
    assert codes == sorted(codes)
    assert "no lab yet" in said
    assert re.search(r"^  9a  lab, 10 min +-  +Serve the page$", said, re.MULTILINE)


def test_the_list_as_json_is_the_same_from_what_was_kept(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["list", "--json"]) == 0
    first = json.loads(capsys.readouterr().out)
    assert main(["list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == first
    assert [one["code"] for one in first["competencies"] if one["function"] == 9] == ["9a"]


def test_a_lab_that_cannot_be_read_hides_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "own" / "labs" / "jf8_own" / "a_first"
    folder.mkdir(parents=True)
    (folder / "lab.yaml").write_text("title: [\n", encoding="utf-8")
    monkeypatch.setenv("LAB_PATH", str(tmp_path / "own"))
    assert main(["list", "--json"]) == 0
    out, err = capsys.readouterr()
    assert len(json.loads(out)["competencies"]) == 43
    assert "This lab cannot be read: " in err
    assert "lab.yaml:2" in err


def test_standards_are_the_docstrings_of_the_checks(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["standards", "9a"]) == 0
    said = capsys.readouterr().out
    assert "The office sees the company's page. (also after a restart)" in said
    assert "Must stay true\nThe boss keeps the account on the server." in said


def test_a_competency_without_lab_says_that_its_standards_are_blank(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["standards", "4A"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("4a  Installs and maintains wired and wireless networks\n")
    assert "the framework leaves them blank, and no lab yet" in said


def test_an_empty_record_says_how_to_fill_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["record", "--as", "ada"]) == 0
    expected = "No attempt of ada is recorded: ./lab grade keeps one.\n"
    assert capsys.readouterr().out == expected


def test_a_record_that_cannot_be_opened_is_the_machines_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "records").write_text("no database", encoding="utf-8")
    monkeypatch.setenv("LAB_DATABASE_URL", f"sqlite:///{tmp_path}/records")
    assert main(["record"]) == Exit.NOT_GRADED
    assert "is damaged, or is no database" in capsys.readouterr().err


# --- how it ends --------------------------------------------------------------------------------


@pytest.fixture
def ends(monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException], int]:
    """Calls a verb that does nothing but end in the given way."""

    def end(how: BaseException) -> int:
        @click.command("end")
        def ending() -> None:
            raise how

        module = ModuleType("runner.verbs_ending")
        module.end = ending  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "runner.verbs_ending", module)
        monkeypatch.setattr(cli, "VERBS", {**VERBS, "end": "verbs_ending:end"})
        return main(["end"])

    return end


Ends = Callable[[BaseException], int]


def test_an_error_says_what_and_what_next(ends: Ends, capsys: pytest.CaptureFixture[str]) -> None:
    assert ends(LabError("The host is gone.", remedy="./lab start")) == Exit.NOT_GRADED
    assert capsys.readouterr().err == "The host is gone.\n./lab start\n"


def test_what_came_from_a_host_cannot_steer_the_terminal(
    ends: Ends, capsys: pytest.CaptureFixture[str]
) -> None:
    ends(LabError("host says: \x1b]0;pwned\x07\x1b[2Jgone\x08", remedy="\x1b[31mtry\x9b2J"))
    said = capsys.readouterr().err
    assert "\x1b" not in said
    assert "\x9b" not in said
    assert "\x07" not in said


def test_no_traceback_reaches_a_user_but_the_log(
    ends: Ends, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ends(ZeroDivisionError("by zero")) == Exit.NOT_GRADED
    said = capsys.readouterr().err
    (log,) = (tmp_path / "state" / "logs").iterdir()
    assert said == (
        "The program failed: ZeroDivisionError: by zero\n"
        f"What happened is in {log}: whoever looks after this program needs it.\n"
    )
    assert "Traceback" in log.read_text(encoding="utf-8")


def test_a_state_folder_that_cannot_be_made_hides_no_fault(
    ends: Ends, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("LAB_STATE", str(tmp_path / "file" / "state"))
    assert ends(ZeroDivisionError("by zero")) == Exit.NOT_GRADED
    found = re.search(r"What happened is in (\S+):", capsys.readouterr().err)
    assert found
    Path(found[1]).unlink()


def test_an_interruption_is_one_line(ends: Ends, capsys: pytest.CaptureFixture[str]) -> None:
    assert ends(KeyboardInterrupt()) == Exit.INTERRUPTED
    assert capsys.readouterr().err == "Interrupted.\n"


def test_a_reader_who_has_heard_enough_is_no_fault() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "runner", "list"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
    ) as program:
        assert program.stdout
        assert program.stderr
        program.stdout.close()
        assert program.stderr.read() == b""
        assert program.wait() == 141


# --- terminals ----------------------------------------------------------------------------------


def at_a_terminal(*words: str, **environ: str) -> str:
    """What the program writes where a person sits."""
    mine, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "runner", *words],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=ROOT,
        env={**os.environ, "TERM": "xterm", "NO_COLOR": "", **environ},
    ) as program:
        os.close(theirs)
        said = b""
        while True:
            try:
                piece = os.read(mine, 65536)
            except OSError:
                break
            if not piece:
                break
            said += piece
        program.wait()
    os.close(mine)
    return said.decode()


def test_a_terminal_gets_colour() -> None:
    assert "\x1b[32mlab, 10 min" in at_a_terminal("list")


@pytest.mark.parametrize("environ", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_colour_can_be_declined(environ: dict[str, str]) -> None:
    said = at_a_terminal("list", **environ)
    assert "lab, 10 min" in said
    assert "\x1b" not in said


def test_plain_has_neither_colour_nor_boxes() -> None:
    said = at_a_terminal("standards", "9a", "--plain")
    assert "\x1b" not in said
    assert said.isascii()


# --- documents and speed ------------------------------------------------------------------------


@pytest.mark.parametrize("words", [["--help"], ["start", "--help"], ["list"], ["list", "--json"]])
def test_what_is_asked_for_all_the_time_reads_no_slow_library(words: list[str]) -> None:
    assert main(["list"]) == 0  # from now on it is kept
    code = (
        "import sys; from runner.cli import main; main(sys.argv[1:]);"
        "slow = {'pydantic', 'yaml', 'rich', 'docker', 'sqlalchemy', 'paramiko', 'jinja2'};"
        "sys.exit(f'read: {slow & set(sys.modules)}' if slow & set(sys.modules) else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.stderr == ""


def test_listed_fields_are_documented() -> None:
    from runner.listing import Listed
    from tests.documented import fields_of, paths_in

    one = Listed("4c", 4, "Networks", "Security", "Core", "Basic", "A perimeter", 90)
    assert fields_of(listed_data([one])) == paths_in("list")
