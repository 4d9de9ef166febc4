"""What the doctor finds on machines that exist only here, and on the real engine."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from docker import APIClient

from runner import leftovers, probe
from runner.daemon import Answer
from runner.doctor import Finding, examine, findings_data
from runner.engine import Engine
from runner.errors import Exit
from runner.machine import Machine, ThisMachine
from tests.documented import fields_of, paths_in
from tests.icebox import archive, put
from tests.private_engine import private_engine
from tests.test_installation import Imagined

GIB = 1024**3
pytestmark = pytest.mark.usefixtures("data")


def examined(machine: Machine) -> dict[str, Finding]:
    """The findings by what was looked at."""
    return {one.what: one for one in examine("ada", machine, lambda: "")}


def test_a_machine_without_engine_is_told_what_to_type() -> None:
    found = examined(Imagined({"apt-get"}))
    engine = found["container engine"]
    assert (engine.ok, engine.fixable) == (False, True)
    assert engine.said == "No container engine is installed."
    assert engine.remedy.startswith("Type: apt-get update && apt-get install")
    assert found["record"].ok


def test_looking_changes_nothing() -> None:
    for machine in (Imagined({"apt-get"}), Imagined({"apt-get", "dockerd"})):
        examined(machine)
        assert machine.done == []


def test_an_engine_that_lets_nobody_in() -> None:
    engine = examined(Imagined(set(), user="ada", engine=Answer.FORBIDDEN))["container engine"]
    assert "may not use" in engine.said
    assert "usermod -aG docker ada" in engine.remedy


def test_a_full_disk() -> None:
    room = examined(Imagined({"apt-get"}, free_bytes=1 << 20))["room for logs and locks"]
    assert not room.ok
    assert room.said.startswith("0.0 GiB free in ")
    assert room.remedy.startswith("Make room: ./lab images prune; df -h ")


def test_a_record_that_cannot_be_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "records").write_text("no database", encoding="utf-8")
    monkeypatch.setenv("LAB_DATABASE_URL", f"sqlite:///{tmp_path}/records")
    record = examined(Imagined(set()))["record"]
    assert not record.ok
    assert record.remedy


def test_a_frozen_world_that_was_to_be_kept_until_now(tmp_path: Path) -> None:
    assert "frozen worlds" not in examined(Imagined({"apt-get"}))
    put(tmp_path / "data" / "worlds" / "world-9a.tar", archive())
    put(tmp_path / "data" / "worlds" / "other.tar", archive(keep=timedelta(days=9999)))
    found = examined(Imagined({"apt-get"}))["frozen worlds"]
    assert (found.ok, found.said) == (True, "1 to be kept no longer (world-9a.tar)")
    assert found.remedy == "./lab export-world --prune"


def test_doctor_fields() -> None:
    found = list(examine("ada", Imagined({"apt-get"}), lambda: ""))
    assert fields_of(findings_data(found)) == paths_in("doctor")
    assert findings_data(found)["ok"] is False


@pytest.mark.engine
def test_the_real_engine_is_looked_at_from_all_sides() -> None:
    found = {one.what: one for one in examine("doctor-test", ThisMachine(), lambda: "is silent")}
    assert found["container engine"].ok
    assert {"traffic between hosts", "room for the engine", "images", "leftovers"} <= set(found)
    mirror = found.get("package mirror")
    assert mirror is None or mirror.said == "does not give packages: is silent"


# --- leftovers ----------------------------------------------------------------------------------


@dataclass
class Shelf:
    """The part of an engine's interface that leftovers are found with, over lists."""

    things: list[dict[str, Any]] = field(default_factory=list)
    nets: list[dict[str, Any]] = field(default_factory=list)

    def containers(
        self, *, filters: dict[str, list[str]] | None = None, **_: object
    ) -> list[dict[str, Any]]:
        """Those with the label."""
        return [one for one in self.things if not filters or filters["label"][0] in one["Labels"]]

    def networks(self, *, filters: dict[str, list[str]]) -> list[dict[str, Any]]:
        """Those with the label."""
        return [one for one in self.nets if filters["label"][0] in one["Labels"]]

    def remove_container(self, container: str, **_: object) -> None:
        """Gone."""
        self.things = [one for one in self.things if one["Id"] != container]

    def remove_network(self, network: str) -> None:
        """Gone."""
        self.nets = [one for one in self.nets if one["Id"] != network]


def engine_with(shelf: Shelf) -> Engine:
    """An engine on another machine, so that this one's control groups are left alone."""
    return Engine(cast("APIClient", shelf), "tcp://elsewhere", "id", "/x", "28.0", "x86_64", 2,
                  "systemd", bridge_filter=False, remapped=False, local=False)  # fmt: skip


def labels(apprentice: str, *, minutes: int, session: str = "s1") -> dict[str, str]:
    """As a world carries them that was started some minutes ago."""
    started = datetime.now(UTC) - timedelta(minutes=minutes)
    return {
        "lab.session": session, "lab.code": "9a", "lab.apprentice": apprentice, "lab.seed": "1",
        "lab.slot": "1", "lab.revision": "r", "lab.started": started.isoformat(),
    }  # fmt: skip


def container(name: str, its: dict[str, str], *, age: float = 0.0) -> dict[str, Any]:
    """As the engine lists it."""
    return {"Id": name, "Names": [f"/{name}"], "Labels": its, "State": "running",
            "Created": time.time() - age}  # fmt: skip


def test_ones_own_unfinished_world_counts_at_once_those_of_others_later() -> None:
    shelf = Shelf(
        [
            container("a.starting", labels("ada", minutes=1)),
            container("b.starting", labels("bo", minutes=1, session="s2")),
            container("c.starting", labels("cy", minutes=9, session="s3")),
            container("done", labels("cy", minutes=9, session="s4")),
        ]
    )
    engine = engine_with(shelf)
    found = leftovers.unfinished(engine, "ada")
    assert [one.tag.apprentice for one in found] == ["cy", "ada"]
    gone = leftovers.clear(engine, found, lambda _: None)
    assert gone == ["the unfinished 9a of cy", "the unfinished 9a of ada"]
    assert [one["Id"] for one in shelf.things] == ["b.starting", "done"]


def test_a_network_without_hosts_is_an_unfinished_world() -> None:
    shelf = Shelf(nets=[{"Id": "n1", "Name": "lab-ada-9a-x", "Labels": labels("ada", minutes=1)}])
    engine = engine_with(shelf)
    leftovers.clear(engine, leftovers.unfinished(engine, "ada"), lambda _: None)
    assert shelf.nets == []


def test_a_world_that_was_finished_meanwhile_stays() -> None:
    shelf = Shelf([container("a.starting", labels("ada", minutes=1))])
    engine = engine_with(shelf)
    found = leftovers.unfinished(engine, "ada")
    shelf.things[0]["Names"] = ["/a"]
    assert leftovers.clear(engine, found, lambda _: None) == []
    assert len(shelf.things) == 1


def test_strays_are_what_no_world_knows_and_trials_that_are_over() -> None:
    shelf = Shelf(
        [
            container("odd", {"lab.session": "s9"}),
            container("lab-probe_1", {"lab.probe": "1"}, age=600),
            container("lab-probe_2", {"lab.probe": "1"}),
            container("step_1", {"lab.image": "vpn"}, age=7200),
            container("step_2", {"lab.image": "vpn"}, age=600),
            container("done", labels("ada", minutes=1)),
        ],
        [{"Id": "n1", "Name": "oddnet", "Labels": {"lab.session": "s9"}}],
    )
    engine = engine_with(shelf)
    found = leftovers.strays(engine)
    assert [str(one) for one in found] == [
        "container odd",
        "container lab-probe_1",
        "container step_1",
        "network oddnet",
    ]
    leftovers.remove(engine, found)
    assert [one["Id"] for one in shelf.things] == ["lab-probe_2", "step_2", "done"]
    assert leftovers.strays(engine) == []


def test_the_exit_code_says_whether_the_machine_is_fit(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from runner.cli import main

    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent/docker.sock")
    assert main(["doctor"]) == Exit.NOT_GRADED
    said = capsys.readouterr().out
    assert said.startswith("PROBLEM  container engine: DOCKER_HOST names unix:///nonexistent")
    assert "         -> Start that engine" in said
    assert "ok       record: can be opened" in said


@pytest.mark.engine
@pytest.mark.slow
def test_an_engine_is_cleared_of_everything_that_labs_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from runner.cli import main

    # An engine of its own, and no control groups: those of this machine belong to other worlds.
    monkeypatch.setattr(probe, "_CGROUPS", tmp_path)
    with private_engine() as engine:
        monkeypatch.setenv("DOCKER_HOST", engine.url)
        engine.api.import_image_from_data(b"\0" * 10240, repository="empty")
        names = ("lab-ada-9a-web", "lab-bo-9a-web.starting", "stray")
        its = (
            labels("ada", minutes=9),
            labels("bo", minutes=9, session="s2"),
            {"lab.session": "odd"},
        )
        for name, these in zip(names, its, strict=True):
            engine.api.create_container("empty", ["true"], name=name, labels=these)
        engine.api.create_container("empty", ["true"], name="somebody-elses")

        assert main(["doctor"]) == Exit.NOT_GRADED
        assert "leftovers: unfinished 9a of bo, container stray" in capsys.readouterr().out
        main(["doctor", "--fix", "--yes"])
        said = capsys.readouterr()
        assert "Removed the unfinished 9a of bo." in said.err
        assert "Removed container stray." in said.err
        assert "ok       leftovers: " in said.out

        assert main(["status", "--all"]) == 0
        assert "9a of ada" in capsys.readouterr().out
        assert main(["stop", "--all"]) == 0
        assert "Stopped 9a of ada." in capsys.readouterr().err
        left = [one["Names"] for one in engine.api.containers(all=True)]
        assert left == [["/somebody-elses"]]
