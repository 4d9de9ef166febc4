"""The two programs, run as people run them."""

from __future__ import annotations

import ast
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from infra.images.licences.seatkeeper import cli
from tests.seatkeeper import vendor

KEEPER = Path(__file__).parents[2] / "infra" / "images" / "licences"


@pytest.fixture(name="places")
def _places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Everything where a test may write."""
    long = vendor.licence(seats=2, start=date(2020, 1, 1), expires=date(2099, 12, 31))
    _, vendors = vendor.shelf(tmp_path, a=vendor.text(long, vendor.licence("render", 1)))
    (tmp_path / "hostid").write_text(vendor.HOST_ID)
    for name, path in (
        ("SETTINGS", tmp_path),
        ("VENDORS", vendors),
        ("STATE", tmp_path / "state.json"),
        ("LOG", tmp_path / "seatd.log"),
        ("CONTROL", tmp_path / "control"),
    ):
        monkeypatch.setattr(cli, name, path)
    return tmp_path


@pytest.fixture(name="port")
def _port(places: Path) -> Iterator[int]:
    """A server, in a process of its own, and the port at which it listens."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    script = f"""
import sys; sys.path.insert(0, {str(KEEPER)!r})
from pathlib import Path
from seatkeeper import cli
here = Path({str(places)!r})
cli.VENDORS, cli.STATE, cli.LOG = here / "vendors", here / "state.json", here / "seatd.log"
cli.CONTROL = here / "control"
sys.exit(cli.seatd(["--settings", str(here), "--port", "{port}"]))
"""
    with subprocess.Popen([sys.executable, "-c", script]) as running:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and not (places / "control").exists():
            time.sleep(0.02)
        yield port
        running.send_signal(signal.SIGTERM)
        assert running.wait(30) == 0
    assert (places / "seatd.log").read_text().splitlines()[-1].endswith(" stopped")


def seats(port: int, *words: str) -> int:
    return cli.seats(["--server", f"127.0.0.1:{port}", *words])


def test_a_day_with_the_server(places: Path, port: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert seats(port, "check", "drafter", "--user", "ann", "--host", "pc1") == 0
    assert "drafter ann@pc1: granted, licence until 2099-12-31" in capsys.readouterr().out
    assert seats(port, "check", "other") == 1
    assert "refused, NO-FEATURE" in capsys.readouterr().out

    holding = subprocess.Popen(
        [
            sys.executable,
            "-c",
            (
                f"import sys; sys.path.insert(0, {str(KEEPER)!r})\n"
                "from seatkeeper import cli; sys.exit(cli.seats())"
            ),
            *("-s", f"127.0.0.1:{port}", "hold", "drafter", "ann@pc1", "bob@pc2"),
            *("--folder", str(places / "held")),
        ]
    )
    deadline = time.monotonic() + 30
    log = places / "held" / "log"
    while time.monotonic() < deadline and (
        not log.exists() or log.read_text().count(" works with seat ") < 2
    ):
        time.sleep(0.02)
    assert seats(port, "stat") == 0
    told = capsys.readouterr().out
    assert "drafter: 2 of 2 seats taken, licence until 2099-12-31; a lost seat lingers " in told
    assert "ann@pc1  since " in told
    handle = told.split("ann@pc1")[0].split()[-1]
    assert seats(port, "remove", handle) == 0
    assert seats(port, "remove", handle) == 1
    assert seats(port, "check", "drafter") == 0
    holding.send_signal(signal.SIGTERM)
    assert holding.wait(30) == 0
    (places / "options").write_text("EXCLUDE drafter USER ann\n")
    assert seats(port, "reread") == 0
    assert "a.lic: drafter 2 seats until 2099-12-31: ok" in capsys.readouterr().out
    assert seats(port, "check", "drafter", "--user", "ann") == 1
    (places / "options").write_text("NONSENSE\n")
    assert seats(port, "reread") == 1
    assert "NONSENSE' is no rule" in capsys.readouterr().out


def test_a_licence_can_be_looked_at_before_it_is_used(
    places: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = places / "good"
    good.write_text(vendor.text(vendor.licence(expires=date(2099, 1, 1))))
    assert cli.seats(["verify", str(good)]) == 0
    assert cli.seats(["verify", str(good), str(places / "none")]) == 1
    assert "none: cannot be read: No such file" in capsys.readouterr().out
    assert cli.seats(["hostid"]) == 0
    assert capsys.readouterr().out == f"{vendor.HOST_ID}\n"
    (places / "hostid").unlink()
    assert cli.seats(["verify", str(good)]) == 1


def test_without_a_server_it_says_so(places: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.seats(["reread"]) == 3
    assert f"no licence server at {places / 'control'}" in capsys.readouterr().err
    assert cli.seats(["-s", "127.0.0.1:1", "stat"]) == 3


def test_it_does_not_start_on_options_that_cannot_be_read(
    places: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (places / "options").write_text("NONSENSE\n")
    assert cli.seatd(["--settings", str(places), "--port", "0"]) == 1
    assert "'NONSENSE' is no rule" in capsys.readouterr().err
    assert "cannot start" in (places / "seatd.log").read_text()


@pytest.mark.parametrize("words", [[], ["dance"], ["check"], ["hold", "drafter", "ann@pc1"]])
def test_wrong_use_is_told(words: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.seats(words)
    assert ended.value.code == 2


def test_it_needs_nothing_but_the_small_python() -> None:
    """Of the library, Debian's python3-minimal has little more than this."""
    there = {
        *("__future__", "argparse", "base64", "binascii", "collections", "contextlib"),
        *("dataclasses", "datetime", "enum", "hashlib", "json", "os", "pathlib", "pwd", "re"),
        *(
            "select",
            "selectors",
            "signal",
            "socket",
            "subprocess",
            "sys",
            "time",
            "types",
            "typing",
        ),
    }
    for file in (KEEPER / "seatkeeper").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                assert {one.name for one in node.names} <= there, file.name
            elif isinstance(node, ast.ImportFrom) and not node.level:
                assert str(node.module).partition(".")[0] in there, file.name
