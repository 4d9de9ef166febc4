"""How systemd runs on an engine: on this machine's, and on one that sees only cgroup v2."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from runner import images, imagespec, probe
from runner.engine import Engine, connect
from runner.errors import EngineUnavailable
from runner.probe import SystemdRecipe
from tests.private_engine import private_engine

RECIPE = SystemdRecipe(way="nested", tree="/sys/fs/cgroup", slices=False, remapped=False)
NO_ENGINE = Engine(
    api=None,  # type: ignore[arg-type]  # nobody is called
    url="tcp://elsewhere",
    id="A:B",
    root="/var/lib/docker",
    version="20.10.24",
    arch="x86_64",
    cgroup_version=1,
    cgroup_driver="cgroupfs",
    bridge_filter=False,
    remapped=False,
    local=False,
)


def ways(engine: Engine) -> list[str]:
    return [recipe.way for recipe in probe.candidates(engine)]


def test_what_is_tried_depends_on_the_engine() -> None:
    v2 = replace(NO_ENGINE, cgroup_version=2)
    assert ways(NO_ENGINE) == ["nested"]
    assert ways(v2) == ["nested", "slice"]
    assert ways(replace(v2, version="28.0.1")) == ["writable", "nested", "slice"]
    assert probe.candidates(NO_ENGINE)[0].tree == "/sys/fs/cgroup/unified"


def test_groups_are_named_by_slot_and_host() -> None:
    config = RECIPE.host_config(7, "gateway")
    assert config["CgroupParent"] == "/lab-s7-gateway"
    assert config["CgroupnsMode"] == "host"
    assert config["Binds"] == [
        "/sys/fs/cgroup/lab-root-s7:/sys/fs/cgroup:rw",
        "/sys/fs/cgroup/lab-s7-gateway:/sys/fs/cgroup/lab-s7-gateway:rw",
    ]


def test_slices_nest_by_dashes_so_a_hosts_name_must_have_none() -> None:
    config = replace(RECIPE, way="slice", slices=True).host_config(7, "web-1")
    assert config["CgroupParent"] == "lab-s7-web_1.slice"
    inside = "/sys/fs/cgroup/lab.slice/lab-s7.slice/lab-s7-web_1.slice"
    assert config["Binds"] == [f"{inside}:{inside}:rw"]


def test_the_option_of_newer_engines_needs_nothing_of_the_machine() -> None:
    config = replace(RECIPE, way="writable").host_config(7, "gateway")
    assert config["SecurityOpt"] == ["writable-cgroups=true"]
    assert config["CgroupnsMode"] == "private"
    assert "Binds" not in config


@pytest.mark.parametrize("way", ["writable", "nested", "slice"])
@pytest.mark.parametrize("slices", [True, False])
def test_nothing_of_the_machine_is_writable_but_groups_of_ours(
    way: probe.Way,
    slices: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    config = replace(RECIPE, way=way, slices=slices).host_config(7, "gateway")
    assert "Privileged" not in config
    assert "CapAdd" not in config
    for bind in config.get("Binds", []):
        source = Path(bind.split(":")[0])
        assert "lab-" in source.name


def test_remapping_is_left_out_where_the_engine_has_it() -> None:
    v2 = replace(NO_ENGINE, cgroup_version=2, version="28.0")
    for recipe in probe.candidates(v2):
        assert "UsernsMode" not in recipe.host_config(1, "a")
    remapped = replace(v2, remapped=True)
    assert ways(remapped) == ["nested", "slice"]
    for recipe in probe.candidates(remapped):
        assert recipe.host_config(1, "a")["UsernsMode"] == "host"


def test_an_engine_elsewhere_has_no_groups_to_be_seen() -> None:
    assert probe.leftover_cgroups(NO_ENGINE) == ()


@pytest.fixture
def engine() -> Iterator[Engine]:
    engine = connect()
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def modern() -> Iterator[Engine]:
    """An engine of our own with the base image."""
    with private_engine() as private:
        own = connect()
        tag = images.ensure(own, ["base"])["base"]
        private.api.load_image(own.api.get_image(tag))  # type: ignore[no-untyped-call]
        own.close()
        yield private


def booted(engine: Engine, monkeypatch: pytest.MonkeyPatch, state: Path) -> SystemdRecipe:
    """The recipe that was found by trial; the second asking is answered from memory."""
    monkeypatch.setenv("LAB_STATE", str(state))
    recipe = probe.systemd_recipe(engine, imagespec.tag_of("base"))
    assert probe.systemd_recipe(engine, "there-is-no-such-image") == recipe
    assert not engine.api.containers(all=True, filters={"label": "lab.probe"})
    return recipe


@pytest.mark.engine
def test_systemd_boots_on_this_machine(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    images.ensure(engine, ["base"])
    booted(engine, monkeypatch, tmp_path)
    probe.remove_leftovers(engine, probe.PROBE_SLOT)
    assert probe.leftover_cgroups(engine, probe.PROBE_SLOT) == ()


@pytest.mark.engine
def test_systemd_boots_on_cgroup_v2(
    modern: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert modern.cgroup_version == 2
    booted(modern, monkeypatch, tmp_path)


@pytest.mark.engine
def test_no_unit_fails_whichever_way_systemd_is_run_on_cgroup_v2(modern: Engine) -> None:
    tag = imagespec.tag_of("base")
    for recipe in probe.candidates(modern):
        if recipe.way == "writable":
            continue  # only where the engine offers it
        with probe.trial(modern, tag, recipe) as container:
            assert probe.problem(modern, container) is None, recipe.way
            asked = modern.api.exec_create(container, ["systemctl", "is-system-running"])
            assert modern.api.exec_start(asked["Id"]).strip() == b"running", recipe.way


@pytest.mark.engine
def test_no_way_is_said_with_what_was_tried(
    modern: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LAB_STATE", str(tmp_path))
    with pytest.raises(EngineUnavailable, match=r"cannot run systemd .* Tried nested: ") as caught:
        probe.systemd_recipe(modern, without_init(modern))
    assert "it ended at once (exit code 7)" in str(caught.value)
    assert "docker 28" in caught.value.remedy
    assert not list(tmp_path.rglob("*.json")), "what does not work is tried again next time"


@pytest.mark.engine
def test_a_machine_forgets_its_groups_and_the_host_comes_back(engine: Engine) -> None:
    tag = images.ensure(engine, ["base"])["base"]
    (recipe, *_) = probe.candidates(engine)
    with probe.trial(engine, tag, recipe) as container:
        assert probe.problem(engine, container) is None
        engine.api.stop(container, timeout=10)
        for path in sorted(Path("/sys/fs/cgroup").glob("*/lab*-s0*/**/"), reverse=True):
            with suppress(OSError):
                path.rmdir()
        engine.api.start(container)
        assert probe.problem(engine, container) is None


def without_init(engine: Engine) -> str:
    """The base image with a first program that ends."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        script = b"#!/bin/sh\nexit 7\n"
        member = tarfile.TarInfo("usr/sbin/init")
        member.size, member.mode = len(script), 0o755
        tar.addfile(member, io.BytesIO(script))
    container = engine.api.create_container(imagespec.tag_of("base"), command=["true"])["Id"]
    engine.api.put_archive(container, "/", packed.getvalue())
    made = engine.api.commit(container, repository="lab-test-without-init", tag="1")
    engine.api.remove_container(container)
    return str(made["Id"])
