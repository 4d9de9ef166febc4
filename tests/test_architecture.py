"""The house: arrows between rooms go one way, and each library has one door."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

RUNNER = Path(__file__).parents[1] / "runner"
GRADERS = Path(__file__).parents[1] / "graders"
BENCH = Path(__file__).parents[1] / "bench"

# From the ground up: a room may know of its own floor and of those below.
FLOORS = (
    (
        "errors",
        "printable",
        "values",
        "verdict",
        "crowd",
        "waiting",
        "forms",
        "findings",
        "canonical",
        "multibase",
        "tape",
    ),
    ("places", "host", "check", "execstream", "addresses", "locks", "voice"),
    ("admission", "authored", "progress", "tables", "connection", "grading"),
    ("attempt", "scenario", "framework", "ssh", "briefing", "keys", "entry", "rules"),
    ("shell", "shells", "netdevice", "firstboot"),
    ("record", "entries", "database", "store", "sqlite", "postgresql", "migrations"),
    ("machine", "daemon", "installation", "environment"),
    ("engine", "imagespec", "bootstrap", "imagebuild", "images", "probe", "fence", "watchers"),
    ("ledger", "chain", "book"),
    ("assessment",),
    ("catalogue", "listing", "report", "standards", "case", "recorded", "changed", "schemas"),
    ("evidence",),
    ("outfile", "page", "spreadsheet", "fonts", "direction", "credential", "taxonomy"),
    ("transcript", "difficulty", "frozen"),
    ("exhibit",),
    ("badges", "xapi", "endpoint"),
    ("lrs",),
    ("schedule",),
    ("handouts", "pdf"),
    ("judging", "falsified", "together", "budgets", "junit", "sheet", "quality", "validated"),
    ("session", "lines", "building", "terminal", "drafting"),
    ("practical", "pool", "life", "leftovers", "doctor", "worlds"),
    ("usage", "fingerprint", "imprint", "answers", "isolation", "faults"),
    ("keeping", "layers"),
    ("freezing",),
    ("handin",),
    ("timekeeper",),
    ("trying",),
    ("validation",),
    ("words",),
    (
        "verbs_assess",
        "verbs_author",
        "verbs_evidence",
        "verbs_exports",
        "verbs_framework",
        "verbs_freeze",
        "verbs_learner",
        "verbs_ledger",
        "verbs_machine",
        "verbs_new",
        "verbs_pages",
        "verbs_pool",
        "verbs_try",
        "verbs_validate",
        "verbs_world",
        "cli",
        "__main__",
    ),
)

# The benchmark stands beside the house: it measures the runner, which knows nothing of it.
BENCH_FLOORS = (
    ("figures", "processes", "contest", "ssh", "usage"),
    ("ground",),
    ("calls", "environments", "program", "raw"),
    ("askers", "compose", "kathara", "plot"),
    (
        "section_class",
        "section_grade",
        "section_pool",
        "section_program",
        "section_start",
        "section_validate",
    ),
    ("sections",),
    ("results",),
    ("page",),
    ("__main__",),
)

SSH = {"ssh", "shell", "shells", "netdevice"}
VERBS = {"cli", "words", *(name for name in FLOORS[-1] if name.startswith("verbs_"))}
DOORS = {
    "docker": {"engine"},
    "paramiko": SSH,
    "netmiko": {"netdevice"},
    "yaml": {"authored"},
    "jinja2": {"authored", "page"},
    "markupsafe": {"page"},
    "fpdf": {"pdf", "direction"},
    "fontTools": {"fonts"},
    "sqlalchemy": {"record", "entries", "store", "sqlite", "postgresql", "migrations"},
    "cryptography": {"keys", "connection"},
    "rfc8785": {"canonical"},
    "alembic": {"store", "migrations"},
    "click": VERBS,
    "rich": {"tables", "briefing"},
}


def rooms(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*.py") if path.name != "__init__.py")


def room(path: Path) -> str:
    return path.relative_to(RUNNER).parts[0].removesuffix(".py")


@cache
def imported(path: Path) -> frozenset[str]:
    """Full names of all modules that a file imports, also inside functions."""
    found: set[str] = set()
    waiting: list[ast.AST] = [ast.parse(path.read_text(encoding="utf-8"))]
    while waiting:
        node = waiting.pop()
        # An import is a statement and stands in no expression: most of a tree need not be seen.
        below = ast.iter_child_nodes(node)
        waiting += (one for one in below if not isinstance(one, ast.expr | ast.expr_context))
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{name.name}" for name in node.names}
    return frozenset(found)


def known(path: Path) -> set[str]:
    """The rooms of the runner that a file knows of."""
    return {
        name.split(".")[1] for name in imported(path) if name.startswith("runner.") and "." in name
    }


@pytest.mark.parametrize("path", rooms(RUNNER), ids=lambda path: path.stem)
def test_arrows_go_one_way(path: Path) -> None:
    floor = {name: number for number, names in enumerate(FLOORS) for name in names}
    assert room(path) in floor, f"{room(path)} has no floor in FLOORS: where does it belong?"
    above = {other for other in known(path) if floor[other] > floor[room(path)]}
    assert not above, f"{room(path)} knows of rooms above it: {above}"


@pytest.mark.parametrize("path", sorted(BENCH.glob("[!_]*.py")), ids=lambda path: path.stem)
def test_the_benchmark_has_floors_as_well(path: Path) -> None:
    floor = {name: number for number, names in enumerate(BENCH_FLOORS) for name in names}
    assert path.stem in floor, f"{path.stem} has no floor in BENCH_FLOORS: where does it belong?"
    others = {name.split(".")[1] for name in imported(path) if name.startswith("bench.")}
    beside = {other for other in others if floor[other] >= floor[path.stem]}
    assert not beside, f"{path.stem} knows of rooms above or beside it: {beside}"


@pytest.mark.parametrize("path", [*rooms(RUNNER), *rooms(GRADERS)], ids=lambda path: path.stem)
def test_nothing_depends_on_the_benchmark(path: Path) -> None:
    assert not {name for name in imported(path) if name.split(".")[0] == "bench"}


def test_no_room_calls_back() -> None:
    arrows: dict[str, set[str]] = {}
    for path in rooms(RUNNER):
        arrows.setdefault(room(path), set()).update(known(path) - {room(path)})

    def reach(name: str, seen: tuple[str, ...]) -> None:
        assert name not in seen, f"a circle of imports: {' -> '.join((*seen, name))}"
        for other in sorted(arrows.get(name, ())):
            reach(other, (*seen, name))

    for name in arrows:
        reach(name, ())


@pytest.mark.parametrize("library", DOORS)
def test_each_library_has_one_door(library: str) -> None:
    users = {
        room(path)
        for path in rooms(RUNNER)
        if any(name.split(".")[0] == library for name in imported(path))
    }
    assert users <= DOORS[library]


@pytest.mark.parametrize("path", rooms(GRADERS), ids=lambda path: path.stem)
def test_graders_know_only_what_a_judge_needs(path: Path) -> None:
    allowed = {"check", "host", "values", "verdict", "errors"}
    assert known(path) <= allowed
    others = {name.split(".")[0] for name in imported(path)} & DOORS.keys()
    assert not others
