"""A lab from its start to its end, as an apprentice goes through it, on a real engine."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from runner import engine, session
from runner.cli import main
from runner.errors import Exit
from tests.documented import fields_of, paths_in

ROOT = Path(__file__).parent.parent
WHO = f"story-{os.getpid()}"

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module", autouse=True)
def _apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The trial house, a record of its own, and no world left behind."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAB_DATA", str(tmp_path_factory.mktemp("data")))
        patch.setenv("LAB_PATH", str(ROOT / "tests" / "house"))
        patch.delenv("LAB_DATABASE_URL", raising=False)
        yield
    there = engine.connect()
    for one in _worlds(there):
        session.remove(there, one)
    there.close()


def said(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    """What the program answers; its exit code is as expected."""
    found = main([*words, "--as", WHO])
    out, err = capsys.readouterr()
    assert found == code, err
    return out


def test_a_lab_from_start_to_stop(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["grade", "9a", "--as", WHO]) == Exit.WRONG_USE
    expected = f"no lab 9a runs for {WHO}\n./lab start 9a starts it\n"
    assert capsys.readouterr().err == expected

    assert said(capsys, "start", "9a", "--seed", "5").startswith("# Serve the page\n")
    assert said(capsys, "brief").startswith("# Serve the page\n")
    assert main(["start", "9a", "--seed", "6", "--as", WHO]) == Exit.WRONG_USE
    assert "runs already" in capsys.readouterr().err
    assert main(["start", "--as", WHO]) == 0
    assert "runs already: resumed, with the work in it." in capsys.readouterr().err

    (world,) = json.loads(said(capsys, "status", "--json"))["worlds"]
    assert (world["code"], world["seed"], world["running"]) == ("9a", 5, True)
    assert [host["name"] for host in world["hosts"]] == ["client", "web"]
    assert all(address["address"] for host in world["hosts"] for address in host["addresses"])
    assert re.search(r"^web +running +yours to change", said(capsys, "status"), re.MULTILINE)

    first = said(capsys, "grade", code=Exit.NOT_YET)
    assert re.search(r"^FAILED +0/2 +The office sees the company's page\.$", first, re.MULTILINE)
    assert "Not yet: 1 standard not met." in first
    assert "Hint 1 of 3" in said(capsys, "hint")
    assert "Hint 2 of 3\n\nbigger" in said(capsys, "hint", "9a")
    assert re.findall(r"Hint (\d)", said(capsys, "hint", "--again")) == ["1", "2"]

    assert main(["attempt", "9a", "sevrice", "--as", WHO]) == Exit.WRONG_USE
    assert main(["attempt", "service", "--without", "x", "--as", WHO]) == Exit.WRONG_USE
    assert "Its steps: serve." in capsys.readouterr().err
    said(capsys, "attempt", "service")
    graded = json.loads(said(capsys, "grade", "9a", "--json", "--evidence"))
    assert (graded["demonstrated"], graded["exit"], graded["hints_used"]) == (True, 0, 2)
    assert graded["verdicts"][1]["evidence"]

    record = json.loads(said(capsys, "record", "--json"))
    assert [one["demonstrated"] for one in record["attempts"]] == [False, True]
    assert record["demonstrated"][0]["attempt"] == graded["recorded"]
    assert "Demonstrated:\n  9a  Serve the page" in said(capsys, "record")
    assert [one["entry"] for one in record["attempts"]] == [2, graded["entry"]] == [2, 3]

    said(capsys, "reset", "9a")
    said(capsys, "grade", code=Exit.NOT_YET)
    assert "Hint 1 of 3" in said(capsys, "hint")

    said(capsys, "stop")
    assert said(capsys, "status") == f"No lab runs for {WHO}.\n"
    assert json.loads(said(capsys, "status", "--json")) == {"worlds": []}
    assert len(json.loads(said(capsys, "record", "--json"))["attempts"]) == 3


@pytest.mark.usefixtures("world")
def test_a_grading_is_believed_by_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LAB_DATA", str(tmp_path))
    said(capsys, "grade", code=Exit.NOT_YET)
    said(capsys, "attempt", "service")
    said(capsys, "grade")
    said(capsys, "grade")
    for number in ("2", "3", "4"):
        said(capsys, "evidence", number, "--output", str(tmp_path / f"{number}.json"))
        assert main(["verify", str(tmp_path / f"{number}.json"), "--ledger"]) == 0
        assert main(["replay", str(tmp_path / f"{number}.json")]) == 0
        assert "comes to the same outcome" in capsys.readouterr().out
    before, after, again = (
        json.loads((tmp_path / f"{number}.json").read_bytes())["body"] for number in "234"
    )
    assert (before["demonstrated"], after["demonstrated"]) == (False, True)
    assert all(check["exchanges"] for check in after["checks"])
    hosts = {one["host"]: one for one in after["world"]["hosts"]}
    assert hosts.keys() == {"client", "web"}
    assert hosts["web"]["image_id"].startswith("sha256:")
    assert "files" not in hosts["client"]  # nobody can change it
    was = {one["host"]: one for one in before["world"]["hosts"]}
    assert was["web"]["files"] != hosts["web"]["files"]
    assert was["client"] == hosts["client"]
    assert again["world"]["hosts"][1]["configuration"] == hosts["web"]["configuration"]
    said(capsys, "override", "2", "--by", "M. Ito", "--reason", "seen", "--demonstrated")
    assert "not yet, overridden: demonstrated" in said(capsys, "record")


@pytest.mark.usefixtures("world")
def test_what_cannot_be_signed_is_kept_and_signed_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LAB_DATA", str(tmp_path))
    said(capsys, "attempt", "service")
    assert main(["keys"]) == 0
    capsys.readouterr()
    (tmp_path / "keys" / "signing.pem").chmod(0o644)
    assert main(["grade", "--as", WHO]) == 0
    out, err = capsys.readouterr()
    assert "Competency 9a demonstrated." in out
    assert "KEPT, BUT NOT SIGNED YET: The signing key " in err
    assert "chmod 600 " in err
    graded = json.loads(said(capsys, "grade", "--json"))
    assert graded["recorded"]
    assert graded["entry"] is None
    assert "is open to others" in graded["unsigned"]
    (tmp_path / "keys" / "signing.pem").chmod(0o600)
    assert json.loads(said(capsys, "grade", "--json"))["entry"] == 4
    assert len(json.loads(said(capsys, "record", "--json"))["attempts"]) == 3
    assert main(["verify", "--ledger"]) == 0
    assert "The ledger holds: 4 entries" in capsys.readouterr().out
    said(capsys, "evidence", "2", "--output", str(tmp_path / "late.json"))
    assert main(["replay", str(tmp_path / "late.json")]) == 0


@pytest.fixture
def world(capsys: pytest.CaptureFixture[str]) -> Iterator[None]:
    """A running world of the trial lab."""
    said(capsys, "start", "9a", "--seed", "5")
    yield
    main(["stop", "9a", "--as", WHO])


@pytest.mark.usefixtures("world")
def test_what_cannot_be_kept_is_shown_but_not_demonstrated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said(capsys, "attempt", "service")
    (tmp_path / "records").write_text("no database", encoding="utf-8")
    monkeypatch.setenv("LAB_DATABASE_URL", f"sqlite:///{tmp_path}/records")
    assert main(["grade", "--as", WHO]) == Exit.NOT_GRADED
    out, err = capsys.readouterr()
    assert "PASSED" in out
    assert "NOT KEPT IN THE RECORD" in err
    assert main(["hint", "--as", WHO]) == Exit.NOT_GRADED
    assert "small" not in capsys.readouterr().out


@pytest.mark.usefixtures("world")
def test_a_host_that_is_off_makes_checks_broken_and_no_attempt(
    capsys: pytest.CaptureFixture[str],
) -> None:
    there = engine.connect()
    client = session.find(there, WHO, "9a").container("client")
    there.api.stop(client.id, timeout=0)
    there.close()
    found = said(capsys, "grade", code=Exit.NOT_GRADED)
    assert re.search(r"^BROKEN ", found, re.MULTILINE)
    assert "This is not your fault" in found
    assert "Kept in the record" not in found
    assert "up again" in _noted(capsys, "start", "9a")
    said(capsys, "grade", code=Exit.NOT_YET)


@pytest.mark.usefixtures("world")
def test_a_shell_runs_what_is_piped_in_and_ends_as_it_does() -> None:
    done = program("shell", "--as", WHO, given=b"id -un; hostname; echo no >&2; exit 7\n")
    assert (done.stdout, done.stderr, done.returncode) == (b"root\nweb\n", b"no\n", 7)
    large = program(
        "shell", "9a", "web", "--as", WHO, given=b"cat <<E\n" + b"x" * 3_000_000 + b"\nE"
    )
    assert len(large.stdout) == 3_000_001
    refused = program("shell", "client", "--as", WHO)
    assert refused.returncode == Exit.WRONG_USE
    assert b"not yours to enter" in refused.stderr
    assert b"Yours are: web." in refused.stderr
    assert (
        program("shell", "client", "--author", "--as", WHO, given=b"hostname").stdout == b"client\n"
    )
    unknown = program("shell", "printer", "--as", WHO)
    assert b"hosts: client, web" in unknown.stderr


@pytest.mark.usefixtures("world")
def test_a_shell_at_a_terminal_is_the_hosts_own() -> None:
    mine, theirs = pty.openpty()
    before = _settings(theirs)
    with subprocess.Popen(
        [sys.executable, "-m", "runner", "shell", "--as", WHO],
        stdin=theirs, stdout=theirs, stderr=theirs, cwd=ROOT, env={**os.environ, "TERM": "xterm"},
    ) as shell:  # fmt: skip
        try:
            heard = _await(mine, b"root@web")
            # One program says it and sleeps, so that the terminal is its own when Ctrl-C is typed.
            os.write(mine, b"sh -c 'echo on; exec sleep 60'\r")
            _await(mine, b"on\r\n")  # the echo of the line itself has "on;"
            os.write(mine, b"\x03")  # ends the sleep, not the program
            # A terminal throws away what was typed before Ctrl-C took effect.
            _await(mine, b"root@web")
            os.write(mine, b"echo after-$?; exit 5\r")
            heard += _await(mine, b"after-130")
            assert shell.wait(10) == 5
        finally:
            shell.kill()
    assert b"exit` or Ctrl-D leaves" in heard
    assert _settings(theirs) == before
    os.close(mine)
    os.close(theirs)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_start_that_is_interrupted_leaves_nothing(number: int) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "runner", "start", "9a", "--as", WHO],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT,
    ) as start:  # fmt: skip
        assert start.stderr
        for line in start.stderr:
            if b"starting 2 hosts" in line:
                break
        time.sleep(0.3)
        start.send_signal(number)
        assert start.stderr.read() == b"Interrupted.\n"
        assert start.wait() == Exit.INTERRUPTED
    there = engine.connect()
    assert _worlds(there) == []
    there.close()


def test_a_start_that_was_killed_is_cleared_away_by_the_next(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "runner", "start", "9a", "--as", WHO],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT,
    ) as start:  # fmt: skip
        there = engine.connect()
        end = time.monotonic() + 15  # on a busy machine its first network takes a moment
        while not _worlds(there) and time.monotonic() < end:
            time.sleep(0.02)
        there.close()
        start.kill()
    (world,) = json.loads(said(capsys, "status", "--json"))["worlds"]
    assert not world["complete"]
    assert "unfinished" in said(capsys, "status")
    assert "removing what an interrupted start of 9a left" in _noted(capsys, "start", "9a")
    said(capsys, "stop")


@pytest.mark.slow
def test_validate_says_what_a_lab_does_not_stand(capsys: pytest.CaptureFixture[str]) -> None:
    # The trial lab is small on purpose, so it is never fit on paper.
    assert main(["validate", "9a", "--seed", "1", "--json"]) == Exit.WRONG_USE
    found = json.loads(capsys.readouterr().out)
    assert not found["ok"]
    assert [(one["attempt"], one["problems"]) for one in found["trials"]] == [
        ("service", []),
        ("nothing", []),
        ("memory", []),
    ]
    assert "at least 8 were expected" in found["labs"][0]["problems"][0]["text"]


def program(*words: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """The program in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "runner", *words],
        input=given,
        capture_output=True,
        cwd=ROOT,
        timeout=60,
        check=False,
    )


def _worlds(there: engine.Engine) -> list[session.Session]:
    return [one for one in session.find_all(there) if one.tag.apprentice == WHO]


def _noted(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main([*words, "--as", WHO]) == 0
    return capsys.readouterr().err


def _await(terminal: int, sign: bytes) -> bytes:
    heard = b""
    end = time.monotonic() + 15
    while sign not in heard and time.monotonic() < end:
        if select.select([terminal], [], [], 0.2)[0]:
            heard += os.read(terminal, 65536)
    assert sign in heard
    return heard


def _settings(terminal: int) -> list[object]:
    import termios

    return list(termios.tcgetattr(terminal))


def test_a_pool_is_filled_given_away_and_emptied(capsys: pytest.CaptureFixture[str]) -> None:
    def pool(*words: str) -> str:
        assert main(["pool", "9a", *words]) == 0
        return capsys.readouterr().out

    try:
        filled = json.loads(pool("--size", "1", "--json"))
        assert filled == {"pool": [{"code": "9a", "ready": 1, "waiting": 1}]}
        assert fields_of(filled) == paths_in("pool")
        assert main(["start", "9a", "--as", WHO]) == 0
        assert re.search(r"ready after .*, 2 hosts, from the pool", capsys.readouterr().err)
        said(capsys, "grade", code=Exit.NOT_YET)
        assert re.search(r"^9a +0 +0$", pool(), re.MULTILINE)
        said(capsys, "stop")
    finally:
        assert "9a" in pool("--size", "0")
