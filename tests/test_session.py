"""Worlds are found by their labels, whatever else carries labels, and removed to the last piece."""

from __future__ import annotations

import signal
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event, Thread, get_ident
from time import monotonic, sleep
from typing import Any, cast

import docker.errors
import pytest
import requests

from runner.engine import Engine
from runner.errors import NoSession, StageError, UsageError
from runner.session import (
    PROVISIONAL,
    Session,
    Tag,
    apprentice_name,
    claim,
    find,
    find_all,
    hold,
    in_parallel,
    pause,
    remove,
    remove_by_id,
    restart,
    revive,
)

TAG = Tag(
    session="0a1b2c3d",
    code="9a",
    apprentice="joe",
    seed=5,
    slot=12,
    revision="0123456789abcdef",
    started=datetime(2026, 3, 1, 9, 30, tzinfo=UTC),
)


@dataclass
class Api:
    """An engine's memory: containers and networks as its list calls give them."""

    stock: list[dict[str, Any]] = field(default_factory=list)
    nets: list[dict[str, Any]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    refusals: dict[str, list[str]] = field(default_factory=dict)
    inside: dict[str, Any] = field(default_factory=dict)

    def containers(self, **_: object) -> list[dict[str, Any]]:
        """All containers."""
        return self.stock

    def networks(self, **_: object) -> list[dict[str, Any]]:
        """All networks."""
        return self.nets

    def rename(self, which: str, name: str) -> None:
        """Give a container another name."""
        self._called("rename", which)
        for one in self.stock:
            if one["Id"] == which:
                one["Names"] = [f"/{name}"]

    def remove_container(self, which: str, **_: object) -> None:
        """Take a container away."""
        self._called("remove", which)
        self.stock[:] = [one for one in self.stock if one["Id"] != which]

    def remove_network(self, which: str) -> None:
        """Take a network away."""
        self._called("remove", which)
        self.nets[:] = [one for one in self.nets if one["Id"] != which]

    def inspect_network(self, which: str) -> dict[str, Any]:
        """What a network says of who is in it."""
        return {"Id": which, "Containers": self.inside}

    def pause(self, which: str) -> None:
        """Have a container stand still."""
        self._called("pause", which)

    def start(self, which: str) -> None:
        """Switch a container on."""
        self._called("start", which)

    def unpause(self, which: str) -> None:
        """Let a container go on."""
        self._called("unpause", which)

    def restart(self, which: str, **_: object) -> None:
        """Switch a container off and on."""
        self._called("restart", which)

    def _called(self, what: str, which: str) -> None:
        self.calls.append(f"{what} {which}")
        refusals = self.refusals.get(which, [])
        said = refusals.pop(0) if refusals else ""
        if said:
            response = requests.Response()
            response.status_code = 404 if "No such" in said else 500
            raise docker.errors.APIError(said, response, said)


@pytest.fixture
def api() -> Api:
    return Api(
        stock=[host("web"), host("client")],
        nets=[{"Id": "net-office", "Name": "lab-joe-9a-office", "Labels": labels("office")}],
    )


@pytest.fixture
def there(api: Api) -> Engine:
    return Engine(
        api=cast("Any", api),
        url="unix:///nowhere",
        id="ABCD",
        root="/nowhere",
        version="20.10.24",
        arch="x86_64",
        cgroup_version=2,
        cgroup_driver="systemd",
        bridge_filter=False,
        remapped=False,
        local=False,
    )


def labels(network: str = "") -> dict[str, str]:
    return TAG.labels() | ({"lab.network": network} if network else {})


def host(name: str, state: str = "running", suffix: str = "") -> dict[str, Any]:
    return {
        "Id": f"id-{name}",
        "Names": [f"/lab-joe-9a-{name}{suffix}"],
        "State": state,
        "Labels": labels()
        | {"lab.host": name, "lab.administered": "yes" if name == "web" else "no"},
    }


# --- names and tags -------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "name"), [("Joe", "joe"), (" ada.l-1_x ", "ada.l-1_x")])
def test_a_name_is_made_small(text: str, name: str) -> None:
    assert apprentice_name(text) == name


@pytest.mark.parametrize("text", ["", " ", "-joe", "jo e", "jö", "a" * 33, "a/b", "a\nb", "$(id)"])
def test_a_name_that_containers_cannot_carry_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="cannot be an apprentice's name") as caught:
        apprentice_name(text)
    assert caught.value.remedy == "1 to 32 of a-z 0-9 . _ -, the first a letter or digit"


def test_a_tag_survives_its_way_through_the_labels(there: Engine) -> None:
    (found,) = find_all(there)
    assert found.tag == TAG
    assert (found.complete, found.running) == (True, True)
    assert [(one.host, one.administered) for one in found.containers] == [
        ("client", False),
        ("web", True),
    ]
    assert found.networks == {"office": "net-office"}


@pytest.mark.parametrize(
    "spoilt", [{"lab.seed": "many"}, {"lab.started": "yesterday"}, {"lab.slot": ""}]
)
def test_labels_that_are_not_ours_are_left_alone(
    there: Engine, api: Api, spoilt: dict[str, str]
) -> None:
    api.nets = []
    for one in api.stock:
        one["Labels"] |= spoilt
    assert find_all(there) == ()


def test_worlds_come_oldest_first(there: Engine, api: Api) -> None:
    later = host("web")
    later["Labels"] |= {"lab.session": "00000000", "lab.started": "2026-03-01T10:00:00+00:00"}
    api.stock.insert(0, later)
    assert [one.tag.session for one in find_all(there)] == ["0a1b2c3d", "00000000"]


# --- finding --------------------------------------------------------------------------------------


def test_a_world_whose_anchor_has_its_provisional_name_is_not_whole(
    there: Engine, api: Api
) -> None:
    api.stock[0] = host("web", suffix=PROVISIONAL)
    (found,) = find_all(there)
    assert not found.complete
    with pytest.raises(NoSession):
        find(there, "joe", "9a")


def test_networks_alone_are_no_world(there: Engine, api: Api) -> None:
    api.stock.clear()
    (found,) = find_all(there)
    assert not found.complete


def test_the_only_world_needs_no_code_and_several_do(there: Engine, api: Api) -> None:
    assert find(there, "joe", None).tag == TAG
    second = host("web")
    second["Labels"] |= {"lab.session": "1" * 8, "lab.code": "4c"}
    api.stock.append(second)
    assert find(there, "joe", "4c").tag.code == "4c"
    with pytest.raises(NoSession, match="several labs run for joe: 9a, 4c"):
        find(there, "joe", None)
    with pytest.raises(NoSession, match="no lab runs for ada"):
        find(there, "ada", None)
    with pytest.raises(NoSession, match="no lab 1c runs for joe"):
        find(there, "joe", "1c")


def test_an_unknown_host_is_told_with_those_there_are(there: Engine) -> None:
    (found,) = find_all(there)
    assert found.container("web").id == "id-web"
    with pytest.raises(UsageError, match="there is no host 'wbe' in 9a") as caught:
        found.container("wbe")
    assert caught.value.remedy == "hosts: client, web"


# --- switching ------------------------------------------------------------------------------------


def world(there: Engine) -> Session:
    (found,) = find_all(there)
    return found


def test_what_sleeps_is_woken_in_its_way(there: Engine, api: Api) -> None:
    api.stock = [host("web", "paused"), host("client", "exited"), host("desk")]
    assert revive(there, world(there))
    assert sorted(api.calls) == ["start id-client", "unpause id-web"]
    api.stock = [host("web")]
    assert not revive(there, world(there))


def test_only_administered_hosts_are_restarted(there: Engine, api: Api) -> None:
    restart(there, world(there))
    assert api.calls == ["restart id-web"]


# --- built ahead ----------------------------------------------------------------------------------


def ahead(api: Api) -> None:
    """Make the world one that was built ahead."""
    for one in (*api.stock, *api.nets):
        one["Labels"] |= {"lab.apprentice": ".pool.0a1b2c3d"}
    for one in api.stock:
        name = one["Names"][0].replace("lab-joe-", "lab-.pool.0a1b2c3d-")
        one |= {"Names": [name], "State": "paused"}


def test_a_world_that_was_built_ahead_is_nobodys(there: Engine, api: Api) -> None:
    ahead(api)
    [found] = find_all(there)
    assert (found.tag.pooled, found.tag.owner, found.complete) == (True, "the pool", True)
    with pytest.raises(NoSession):
        find(there, "joe", "9a")


def test_it_is_claimed_by_one_new_name_and_goes_on(there: Engine, api: Api) -> None:
    ahead(api)
    claim(there, find_all(there)[0], "ann")
    assert api.calls[0] == "rename id-client"
    assert sorted(api.calls[1:]) == ["unpause id-client", "unpause id-web"]
    found = find(there, "ann", "9a")
    assert (found.tag.apprentice, found.tag.pooled) == ("ann", False)


def test_once_claimed_it_is_theirs_while_it_is_removed(there: Engine, api: Api) -> None:
    ahead(api)
    claim(there, find_all(there)[0], "ann")
    api.refusals = {"id-client": ["disk failure"]}
    with pytest.raises(StageError):
        remove(there, find(there, "ann", "9a"))
    [found] = find_all(there)
    assert (found.tag.apprentice, found.complete) == ("ann", False)


def test_a_host_that_the_kernel_could_not_hold_is_asked_again(there: Engine, api: Api) -> None:
    api.refusals = {"id-web": ["OCI runtime pause failed: unable to freeze: unknown"]}
    hold(there, find(there, "joe", "9a").container("web"))
    assert api.calls == ["pause id-web"] * 2


def test_any_other_refusal_to_hold_a_host_is_told(there: Engine, api: Api) -> None:
    api.refusals = {"id-web": ["Container id-web is already paused"]}
    with pytest.raises(StageError, match="already paused"):
        hold(there, find(there, "joe", "9a").container("web"))
    assert api.calls == ["pause id-web"]


def test_only_what_runs_is_paused(there: Engine, api: Api) -> None:
    api.stock[0]["State"] = "exited"
    pause(there, world(there))
    assert api.calls == ["pause id-client"]


# --- removing -------------------------------------------------------------------------------------


def test_everything_goes_and_first_the_look_of_a_whole_world(there: Engine, api: Api) -> None:
    remove(there, world(there))
    assert (api.stock, api.nets) == ([], [])
    assert api.calls == ["rename id-web", "remove id-client", "remove id-web", "remove net-office"]


@pytest.mark.parametrize(
    "refused", [{"id-web": ["", "disk failure"]}, {"id-client": ["disk full"]}]
)
def test_a_removal_cut_short_never_looks_whole(
    there: Engine, api: Api, refused: dict[str, list[str]]
) -> None:
    api.refusals = refused
    with pytest.raises(StageError):
        remove(there, world(there))
    assert len(find_all(there)) == 1
    assert not any(one.complete for one in find_all(there))


@pytest.mark.parametrize(
    "said",
    [
        "No such container: id-web",
        "removal of container id-web is already in progress",
    ],
)
def test_what_another_program_removes_is_no_error(there: Engine, api: Api, said: str) -> None:
    api.refusals = {"id-web": [said, said]}
    remove(there, world(there))
    assert api.nets == []


def test_a_network_whose_last_host_is_just_going_is_tried_again(there: Engine, api: Api) -> None:
    api.refusals = {"net-office": ["network has active endpoints"] * 3}
    remove(there, world(there))
    assert api.nets == []


@pytest.mark.parametrize("inside", [True, False])
def test_a_network_that_the_engine_holds_on_to_stays(
    there: Engine, api: Api, monkeypatch: pytest.MonkeyPatch, *, inside: bool
) -> None:
    monkeypatch.setattr("runner.session._REMOVAL_LIMIT", 0.1)
    api.refusals = {"net-office": ["network has active endpoints"] * 10}
    api.inside = {"somebody": {}} if inside else {}
    if inside:
        with pytest.raises(StageError, match="has active endpoints"):
            remove(there, world(there))
    else:
        remove(there, world(there))
    assert len(api.nets) == 1


def test_only_the_session_that_is_meant_is_removed(there: Engine, api: Api) -> None:
    other = host("other")
    other["Labels"] |= {"lab.session": "ffffffff"}
    api.stock.append(other)
    remove_by_id(there, TAG.session)
    assert [one["Id"] for one in api.stock] == ["id-other"]


# --- side by side ---------------------------------------------------------------------------------


def test_results_come_in_the_order_of_the_items() -> None:
    def work(n: int) -> int:
        sleep(0.02 * (3 - n))
        return n

    assert in_parallel(work, range(3)) == [0, 1, 2]
    assert in_parallel(work, []) == []


def test_all_are_finished_before_an_error_is_raised() -> None:
    done: list[int] = []

    def work(n: int) -> None:
        if n == 0:
            raise KeyError(n)
        sleep(0.1)
        done.append(n)

    with pytest.raises(KeyError):
        in_parallel(work, range(4))
    assert sorted(done) == [1, 2, 3]


@pytest.fixture
def interrupted() -> None:
    """Ctrl-C comes while the threads work."""
    main = get_ident()

    def interrupt() -> None:
        sleep(0.05)
        signal.pthread_kill(main, signal.SIGINT)

    Thread(target=interrupt).start()


@pytest.mark.usefixtures("interrupted")
def test_an_interruption_waits_for_what_was_begun_and_begins_nothing_more() -> None:
    done: list[int] = []

    def work(n: int) -> None:
        sleep(0.15)
        done.append(n)

    with pytest.raises(KeyboardInterrupt):
        in_parallel(work, range(40))
    count = len(done)
    assert 0 < count <= 8
    sleep(0.3)
    assert len(done) == count


@pytest.mark.usefixtures("interrupted")
def test_an_interruption_does_not_wait_for_what_may_take_long() -> None:
    release, began = Event(), monotonic()
    with pytest.raises(KeyboardInterrupt):
        in_parallel(lambda _: release.wait(5), range(2), finish=False)
    assert monotonic() - began < 2
    Thread(target=release.set).start()
