"""Labs are found by looking into the folders, in any root of the same shape."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from runner import addresses, catalogue
from runner.errors import UnknownCode

HOUSE = Path(__file__).parent / "house"
SMALL = "labs/jf9_trial/a_small"


@pytest.fixture
def house(tmp_path: Path) -> Path:
    return shutil.copytree(HOUSE, tmp_path / "house", ignore=shutil.ignore_patterns("__pycache__"))


@pytest.fixture
def lab(house: Path) -> catalogue.Lab:
    return catalogue.find("9a", house)


def another(house: Path, function: str, folder: str) -> None:
    code = function.removeprefix("jf").split("_")[0] + folder[0]
    copied = shutil.copytree(house / SMALL, house / "labs" / function / folder)
    page = copied / "lab.yaml"
    page.write_text(page.read_text().replace("competency: 9a", f"competency: {code}"))


def test_the_code_is_in_the_folders_name_and_labs_come_in_its_order(house: Path) -> None:
    another(house, "jf10_more", "a_first")
    another(house, "jf9_trial", "b_second")
    assert [lab.code for lab in catalogue.labs(house)] == ["9a", "9b", "10a"]


@pytest.mark.parametrize("folder", ["A_small", "small", "aa_small", "a-small"])
def test_other_folders_are_no_labs(house: Path, folder: str) -> None:
    shutil.copytree(house / SMALL, house / "labs" / "jf9_trial" / folder)
    assert [lab.code for lab in catalogue.labs(house)] == ["9a"]


def test_a_folder_without_a_lab_page_is_no_lab(house: Path) -> None:
    (house / "labs/jf9_trial/c_planned").mkdir()
    assert [lab.code for lab in catalogue.labs(house)] == ["9a"]


def test_a_code_may_be_typed_in_capitals(house: Path) -> None:
    assert catalogue.find("9A", house).code == "9a"


@pytest.mark.parametrize("code", ["9z", "10a", "", "4c; rm -rf /", "9" * 5000])
def test_an_unknown_code_is_told_with_the_nearest(house: Path, code: str) -> None:
    with pytest.raises(UnknownCode) as caught:
        catalogue.find(code, house)
    assert caught.value.remedy == "nearest: 9a; ./lab list shows all"


def test_a_lab_is_what_its_page_says(lab: catalogue.Lab) -> None:
    assert (lab.title, lab.workstation, lab.form.minutes) == ("Serve the page", "web", 10)
    assert lab.hosts == ("web", "client")
    assert lab.networks == {"office": False, "outside": True}
    assert lab.images == ("base",)


def test_a_lab_may_leave_hosts_and_their_networks_out(house: Path) -> None:
    page = house / SMALL / "lab.yaml"
    text = page.read_text().replace("workstation: web", "workstation: client\nhosts: [client]")
    page.write_text(text)
    lab = catalogue.find("9a", house)
    assert (lab.hosts, lab.networks) == (("client",), {"office": False})


def test_the_seed_draws_the_values(lab: catalogue.Lab) -> None:
    assert dict(lab.values(1)) == dict(lab.values(1))
    assert dict(lab.values(1)) != dict(lab.values(2))
    assert lab.values(1).person("boss").login


def test_brief_and_hints_are_filled_from_values_and_world(lab: catalogue.Lab) -> None:
    values = lab.values(1)
    world = lab.world(values, addresses.subnets(1, lab.networks))
    assert lab.brief(values, world) == (
        f"# Serve the page\n\n{values.person('boss').name} of {values.company().name} wants "
        "/srv/www served on 10.96.16.10 port 80.\n"
    )
    assert lab.hints(values, world) == ("small", "bigger", "biggest")


def test_the_checks_come_in_the_order_of_the_grader(lab: catalogue.Lab) -> None:
    assert [one.name for one in lab.checks] == ["boss_has_an_account", "page_served"]
    assert lab.grader_file == lab.root / "graders/jf9_trial/a_small.py"


def test_a_changed_grader_is_read_anew(house: Path) -> None:
    grader = house / "graders/jf9_trial/a_small.py"
    assert len(catalogue.find("9a", house).checks) == 2
    grader.write_text(grader.read_text().replace("@check(guard=True)", "@check(points=4)"))
    assert catalogue.find("9a", house).checks[0].points == 4


@pytest.mark.parametrize(
    ("name", "world", "grader"),
    [
        (f"{SMALL}/lab.yaml", True, False),
        ("scenarios/pair/scenario.yaml", True, False),
        ("scenarios/pair/files/web/srv/www/index.html.j2", True, False),
        ("graders/jf9_trial/a_small.py", False, True),
        (f"{SMALL}/brief.md", False, False),
        (f"{SMALL}/attempts/service/10-serve.web.sh", False, False),
    ],
)
def test_a_running_world_is_outdated_only_by_what_it_was_built_from(
    house: Path, name: str, *, world: bool, grader: bool
) -> None:
    before = catalogue.find("9a", house)
    was = (before.revision, before.grader_revision)
    path = house / name
    path.write_text(path.read_text() + "\n")
    after = catalogue.find("9a", house)
    assert (after.revision != was[0], after.grader_revision != was[1]) == (world, grader)


def test_the_houses_own_graders_are_imported_by_name() -> None:
    root = Path(__file__).parents[1]
    for lab in catalogue.labs(root):
        assert {one.function.__module__ for one in lab.checks} == {
            f"graders.{lab.folder.parent.name}.{lab.folder.name}"
        }


def test_a_task_adds_files_and_setup_to_its_world(house: Path) -> None:
    page = house / SMALL / "lab.yaml"
    page.write_text(page.read_text() + 'setup: {web: "echo {{ boss.login }} > /root/boss"}\n')
    ours = house / SMALL / "files/web/srv/www"
    ours.mkdir(parents=True)
    (ours / "index.html.j2").write_text("{{ company.name }} once more")
    (ours / "more.html").write_text("more")
    lab = catalogue.find("9a", house)
    values = lab.values(1)
    web = lab.world(values, addresses.subnets(1, lab.networks)).host("web")
    files = {file.path: file.content.decode() for file in web.files}
    assert files["/srv/www/index.html"] == f"{values.company().name} once more"
    assert files["/srv/www/more.html"] == "more"
    assert web.setup.splitlines()[-1] == f"echo {values.person('boss').login} > /root/boss"
    assert web.setup.startswith(f"echo '{values.company().name}'")


def test_a_running_world_is_outdated_by_the_files_of_its_task(house: Path) -> None:
    before = catalogue.find("9a", house).revision
    ours = house / SMALL / "files/web"
    ours.mkdir(parents=True)
    (ours / "note").write_text("x")
    assert catalogue.find("9a", house).revision != before
