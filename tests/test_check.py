"""A check is a function, its docstring is the standard, and a wrong one is refused at once."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

from runner.check import Check, check, checks_of, require
from runner.errors import AuthoringError
from runner.host import Host
from runner.values import Values
from runner.verdict import Failure


@check(points=2)
def name_server_runs(server: Host) -> None:
    """The name server runs."""


@check(points=3, after=name_server_runs, within=10, survives_restart=True)
def www_resolves(client: Host, values: Values, server: Host) -> None:
    """Office workstations resolve the intranet name.

    The  branch does so, too.
    """


@check(after=(name_server_runs, www_resolves), guard=True, disruptive=True)
def nothing_else_open(outside: Host) -> None:
    """Nothing else can be reached from outside."""


def test_it_takes_its_name_and_standard_from_the_function() -> None:
    assert www_resolves.name == "www_resolves"
    assert www_resolves.standard == (
        "Office workstations resolve the intranet name. The branch does so, too."
    )


def test_its_parameters_are_hosts_and_values_is_reserved() -> None:
    assert www_resolves.hosts == ("client", "server")
    assert www_resolves.wants_values
    assert name_server_runs.hosts == ("server",)
    assert not name_server_runs.wants_values


def test_what_was_said_in_the_decorator_is_kept() -> None:
    assert (www_resolves.points, www_resolves.within) == (3, 10)
    assert www_resolves.survives_restart
    assert not www_resolves.guard
    assert not www_resolves.disruptive
    assert nothing_else_open.disruptive


def test_what_it_leaves_is_nothing_unless_it_is_declared() -> None:
    @check(leaves=("server: file /var/spool/cups/*", "db*: process postgres postgres: *"))
    def prints(server: Host) -> None:
        """It prints."""

    assert prints.leaves == ("server: file /var/spool/cups/*", "db*: process postgres postgres: *")
    assert name_server_runs.leaves == ()


@pytest.mark.parametrize(
    "pattern", ["/var/spool/*", "server:file /tmp/x", "server: file", "server: smell of ink", ""]
)
def test_what_it_leaves_has_host_and_kind(pattern: str) -> None:
    def prints(server: Host) -> None:
        """It prints."""

    with pytest.raises(AuthoringError) as caught:
        check(leaves=(pattern,))(prints)
    line = prints.__code__.co_firstlineno
    assert str(caught.value) == (
        f"{__file__}:{line}: check prints leaves {pattern!r}; expected was 'HOST: KIND WHAT', with "
        "one of the kinds file, account, process, socket, firewall, address, route, tunnel"
    )


def test_after_takes_one_check_or_several() -> None:
    assert name_server_runs.after == ()
    assert www_resolves.after == (name_server_runs,)
    assert nothing_else_open.after == (name_server_runs, www_resolves)


def test_a_guard_has_no_points() -> None:
    assert (nothing_else_open.guard, nothing_else_open.points) == (True, 0)


def test_it_knows_its_file_and_line() -> None:
    assert Path(name_server_runs.file).name == "test_check.py"
    assert 0 < name_server_runs.line < www_resolves.line


def test_checks_are_compared_as_what_they_are() -> None:
    # They serve as keys of results: two that read alike are still two.
    assert len({name_server_runs, www_resolves, name_server_runs}) == 2


def test_a_check_without_docstring_is_refused_with_its_place() -> None:
    def silent(server: Host) -> None:
        pass

    with pytest.raises(AuthoringError) as caught:
        check()(silent)
    line = silent.__code__.co_firstlineno
    assert str(caught.value) == (
        f"{__file__}:{line}: check silent has no docstring: it is the standard a learner reads"
    )


def test_a_guard_with_points_is_refused() -> None:
    def guarded(server: Host) -> None:
        """It holds."""

    with pytest.raises(AuthoringError, match="check guarded is a guard: guards carry no points"):
        check(points=2, guard=True)(guarded)


def test_checks_of_a_module_come_in_the_order_of_the_file() -> None:
    module = ModuleType("grader")
    module.__dict__.update(
        {"last": nothing_else_open, "first": name_server_runs, "second": www_resolves, "other": 1}
    )
    assert checks_of(module) == (name_server_runs, www_resolves, nothing_else_open)


def test_a_module_without_checks_has_none() -> None:
    found: tuple[Check, ...] = checks_of(ModuleType("empty"))
    assert found == ()


@pytest.mark.parametrize("condition", [True, 1, "text", ["item"]])
def test_require_lets_pass_what_holds(condition: object) -> None:
    require(condition, "never seen")


@pytest.mark.parametrize("condition", [False, 0, "", [], None])
def test_require_fails_what_does_not(condition: object) -> None:
    with pytest.raises(Failure) as caught:
        require(condition, "port 22 is closed", hint="is sshd running?")
    assert (caught.value.reason, caught.value.hint) == ("port 22 is closed", "is sshd running?")
