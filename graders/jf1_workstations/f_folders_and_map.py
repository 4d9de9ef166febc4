"""Judges lab 1f: a map of the office's network, and shared folders with everybody's rights."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager

from graders.facts.backup import FilesBelow
from graders.facts.departments import JoinedForNow, LeftAgain, MembersOf
from graders.facts.fileserver import (
    DEPARTMENTS,
    MANAGEMENT,
    department_of,
    digest,
    equipment,
    folders,
    heads,
    members,
    papers,
    workers,
)
from graders.facts.folders import (
    Cleared,
    Deed,
    Outcome,
    Visit,
    alters,
    deletes,
    lists,
    makes,
    owners,
    reads,
    renames,
    writes,
)
from graders.facts.netmap import Device, MapFile, NetworkMap
from graders.facts.network import Reach, TcpPorts
from runner.check import check, require
from runner.errors import UnreadableOutput
from runner.host import Host
from runner.values import Person, Values
from runner.verdict import Failure

MAP = "/root/ticket/map.csv"
UNLISTED = "unlisted"
SERVER, SMB = "files", 445
POLICIES, EXCHANGE = "policies", "exchange"
TEXT = "Written to see whether it can be."
WRITTEN = hashlib.sha256(f"{TEXT}\n".encode()).hexdigest()
PATIENCE = 5
"""Seconds that a device gets to answer; it takes less than one of them."""
STATE = (
    "files: file /var/lib/samba/*",
    "files: file /var/cache/samba/*",
    "files: file /var/log/samba/*",
    "*: file /run/samba*",
)
"""What Samba notes down about who was there, and who was asked."""
GROUPS = ("files: file /etc/group-", "files: file /etc/gshadow-")


@check(guard=True)
def documents_are_kept(files: Host, values: Values) -> None:
    """Every document that was on the server is there, in its place and unchanged."""
    for folder in folders(values):
        there, expected = files.ask(FilesBelow(folder)), papers(values, folder)
        lost = [name for name in expected if there.get(name) != digest(values, folder, name)]
        require(
            not lost, f"in {folder} {len(lost)} of {len(expected)} documents are gone or changed"
        )


@check(guard=True)
def departments_are_as_hr_has_them(files: Host, values: Values) -> None:
    """Everybody belongs to their own department and no other; only its head is in management."""
    standing = {one: _logins(members(values, one)) for one in values.texts("departments")}
    standing[MANAGEMENT] = _logins(heads(values))
    newcomer, joined = values.person("newcomer").login, values.text("newcomer_department")
    found = files.ask(MembersOf(tuple(standing)))
    for (group, expected), now in zip(standing.items(), found, strict=True):
        # The newcomer is the apprentice's to add, which is another check's business.
        there = set(now or ()) - ({newcomer} if group == joined else set())
        require(
            there == expected,
            f"group {group} has the members {_listed(there)}, not {_listed(expected)}",
            hint="HR keeps the departments: the folders follow them, not the other way round",
        )


@check(points=1)
def map_has_its_form(ws: Host) -> None:
    """The map of the network is there, in the form that was agreed on."""
    _map(ws)


@check(points=3, after=map_has_its_form)
def map_is_complete(ws: Host, desk: Host, files: Host, values: Values) -> None:
    """Every device of the office is on the map, whether it answers to ping or not, and no other."""
    office, drawn = _office(desk, values), _map(ws).devices
    doors = tuple((one.address, port) for one in office.values() for port in one.ports)
    for (address, port), reach in desk.ask(TcpPorts(doors, PATIENCE)).items():
        if reach is not Reach.OPEN:
            raise UnreadableOutput(f"the device at {address} does not answer at {port}: {reach}")
    missing = [address for address in office if address not in drawn]
    require(
        not missing,
        f"{len(missing)} of {len(office)} devices are not on the map",
        hint="a machine may keep silent about anything but who has its address",
    )
    known = {host.address["office"] for host in (ws, desk, files)}
    invented = [address for address in drawn if address not in office.keys() | known]
    require(
        not invented,
        f"at {len(invented)} of the addresses on the map there is nothing: {_listed(invented[:3])}",
    )


@check(points=2, after=map_is_complete)
def map_has_the_hardware_addresses(ws: Host, desk: Host, values: Values) -> None:
    """The map gives each device's hardware address."""
    both = _compared(ws, desk, values)
    wrong = [address for address, (real, noted) in both.items() if noted.mac != real.mac]
    require(not wrong, f"the hardware address noted for {_listed(wrong)} is not that device's")


@check(points=3, after=map_is_complete)
def map_has_the_open_ports(ws: Host, desk: Host, values: Values) -> None:
    """The map gives all TCP ports at which each device answers, and no other."""
    for address, (real, noted) in _compared(ws, desk, values).items():
        said = f"the map gives {address} the open ports {_listed(noted.ports)}"
        closed = noted.ports - real.ports
        require(not closed, f"{said}; nothing answers at {_listed(closed)}")
        require(
            noted.ports == real.ports,
            f"{said}; there are more",
            hint="how many ports does the scanner try if it is not told?",
        )


@check(points=3, after=map_is_complete)
def map_tells_what_is_what(ws: Host, desk: Host, values: Values) -> None:
    """The map says of each device that was bought which it is: label and model."""
    for address, (real, noted) in _compared(ws, desk, values).items():
        if real.label:
            require(
                _same(noted.label, real.label),
                f"on the map {address} has the label {noted.label or '(none)'}; it is not that",
                hint="what does the device say of itself, and which line of the list is that?",
            )
            _require_model(real, noted)


@check(points=2, after=map_has_its_form)
def stranger_is_found(ws: Host, desk: Host, values: Values) -> None:
    """The device that nobody has bought is marked, and the map tells what it is."""
    office, drawn = _office(desk, values), _map(ws).devices
    marked = [one for one in drawn.values() if _same(one.label, UNLISTED)]
    require(marked, f"no device on the map is {UNLISTED}; one of them is on nobody's list")
    for noted in marked:
        real = office.get(noted.address)
        if real is None or real.label:
            raise Failure(f"{noted.address} is marked {UNLISTED}; it is not that one")
        _require_model(real, noted)


@check(points=1)
def server_answers(desk: Host) -> None:
    """The file server takes calls from the office's PCs."""
    door = SERVER, SMB
    found = desk.ask(TcpPorts((door,), PATIENCE))[door]
    require(found is Reach.OPEN, f"on {SERVER}, port {SMB} (SMB) is {found}")


@check(points=3, after=server_answers, survives_restart=True, leaves=STATE)
def everybody_has_a_folder(desk: Host, files: Host, values: Values) -> None:
    """Everybody, the newcomer too, logs in and keeps files in a folder of their own."""
    with _trace(files) as name:
        for person in (*values.people("staff"), values.person("newcomer")):
            own = person.login
            wrote, read, deleted = _visit(
                desk, person, writes(own, name), reads(own, name), deletes(own, name)
            )
            said = rf"in \\{SERVER}\{own}, {own}"
            require(wrote.done, f"{said} cannot keep a file: {wrote}")
            require(read.digest == WRITTEN, f"{said} cannot read a file: {read}")
            require(deleted.done, f"{said} cannot delete a file: {deleted}")


@check(points=2, after=server_answers, leaves=STATE)
def own_folders_are_private(desk: Host, files: Host, values: Values) -> None:
    """Nobody but its owner gets into a person's folder, neither colleague nor head."""
    worker, head = workers(values)[0], heads(values)[1]
    with _trace(files) as name:
        for owner in (worker, head):
            _require_written(desk, owner, owner.login, name)
        for other in (heads(values)[0], workers(values)[3]):
            places = (worker.login, name), (head.login, name)
            _require_kept_out(desk, other, name, *places, but_into=other.login)


@check(points=4, after=server_answers, survives_restart=True, leaves=STATE)
def departments_work_together(desk: Host, files: Host, values: Values) -> None:
    """In a department's folder each member goes on with the work of any other, old and new."""
    for department in values.texts("departments"):
        head, worker, *_ = members(values, department)
        _require_together(desk, files, department, (worker, head), papers(values)[0])


@check(points=1, after=server_answers, leaves=STATE)
def authors_are_known(desk: Host, files: Host, values: Values) -> None:
    """One sees who has made a file, although all may work on it."""
    department = values.texts("departments")[2]
    head, worker = members(values, department)
    with _trace(files) as name:
        _require_written(desk, worker, department, f"{name}-1")
        made, seen = _visit(
            desk, head, writes(department, f"{name}-2"), owners(department, f"{name}-*")
        )
    require(made.done, f"{head.login} cannot put a file into {department}: {made}")
    if len(seen.owners) != 2 or not all(seen.owners.values()):  # noqa: PLR2004 - both files
        raise UnreadableOutput(f"the owners of two files in {department} cannot be told: {seen}")
    require(
        len({*seen.owners.values()}) > 1,
        f"what {worker.login} and {head.login} put into {department} is one account's",
        hint="who is everybody, once they have entered the share?",
    )


@check(points=3, after=server_answers, leaves=STATE)
def departments_keep_others_out(desk: Host, files: Host, values: Values) -> None:
    """Nobody gets into the folder of another department, except for management to read it."""
    paper = papers(values)[0]
    with _trace(files) as name:
        for person in workers(values)[:3]:
            own = department_of(values, person)
            others = [one for one in values.texts("departments") if one != own]
            _require_kept_out(desk, person, name, *((one, paper) for one in others), but_into=own)


@check(points=2, after=server_answers, leaves=STATE)
def newcomer_is_one_of_them(desk: Host, files: Host, values: Values) -> None:
    """The newcomer works in the department's folder like everybody there, and in no other."""
    newcomer, own = values.person("newcomer"), values.text("newcomer_department")
    paper, worker = papers(values)[0], members(values, own)[1]
    _require_together(desk, files, own, (worker, newcomer), paper)
    others = [one for one in values.texts("departments") if one != own]
    with _trace(files) as name:
        _require_kept_out(desk, newcomer, name, *((one, paper) for one in others), but_into=own)


@check(points=3, after=server_answers, leaves=STATE)
def management_reads_and_no_more(desk: Host, files: Host, values: Values) -> None:
    """Heads read what is in the other departments' folders, old and new, and change none of it."""
    for number, department in enumerate(values.texts("departments")):
        writer, reader = members(values, department)[1], heads(values)[number - 1]
        with _trace(files) as name:
            _require_written(desk, writer, department, name)
            _require_read_only(desk, reader, f"{DEPARTMENTS}/{department}", name, values)


@check(points=2, after=server_answers, disruptive=True, leaves=(*STATE, *GROUPS))
def folders_follow_the_departments(desk: Host, files: Host, values: Values) -> None:
    """Who is put into a department by HR works in its folder from then on, without IT."""
    person, department = workers(values)[0], values.texts("departments")[2]
    problem = files.ask(JoinedForNow(person.login, department))
    if problem:
        raise UnreadableOutput(f"{person.login} cannot be put into {department}: {problem}")
    try:
        with _trace(files) as name:
            deeds = reads(department, papers(values)[0]), writes(department, name)
            for outcome in _visit(desk, person, *deeds):
                require(
                    outcome.done,
                    f"{person.login} was put into {department} and cannot work there: {outcome}",
                    hint="is the folder open to people or to a department?",
                )
    finally:
        files.ask(LeftAgain(person.login, department))


@check(points=2, after=server_answers, leaves=STATE)
def private_folder_is_the_heads_alone(desk: Host, files: Host, values: Values) -> None:
    """One folder of a department is its head's alone, closed to colleagues and to management."""
    department, folder = values.texts("departments")[0], values.text("private_folder")
    head, *colleagues = members(values, department)
    paper = f"{folder}/{papers(values)[0]}"
    with _trace(files) as name:
        for outcome in _visit(
            desk, head, alters(department, paper), writes(department, f"{folder}/{name}")
        ):
            require(outcome.done, f"{head.login} cannot work in {department}/{folder}: {outcome}")
        places = (department, paper), (department, f"{folder}/{name}")
        for other in (colleagues[0], heads(values)[1]):
            own = department_of(values, other)
            _require_kept_out(desk, other, name, *places, but_into=own)


@check(points=2, after=server_answers, leaves=STATE)
def policies_are_for_everybody_to_read(desk: Host, files: Host, values: Values) -> None:
    """Everybody reads the company's policies; management alone changes them, together."""
    first, second, _ = heads(values)
    with _trace(files) as name:
        _require_written(desk, first, POLICIES, name)
        paper = papers(values, f"/srv/{POLICIES}")[1]
        for outcome in _visit(desk, second, alters(POLICIES, paper), writes(POLICIES, name)):
            require(outcome.done, f"{second.login} cannot change what is in {POLICIES}: {outcome}")
        for person in (workers(values)[0], values.person("newcomer")):
            _require_read_only(desk, person, f"/srv/{POLICIES}", name, values)


@check(points=2, after=server_answers, leaves=STATE)
def everybody_exchanges_files(desk: Host, files: Host, values: Values) -> None:
    """Everybody puts files into the exchange folder and fetches what others have put there."""
    giver = workers(values)[0]
    with _trace(files) as name:
        _require_written(desk, giver, EXCHANGE, name)
        for person in (heads(values)[1], values.person("newcomer")):
            own = f"{name}-{person.login}"
            read, wrote = _visit(desk, person, reads(EXCHANGE, name), writes(EXCHANGE, own))
            said = f"{person.login} cannot read what {giver.login} has put into {EXCHANGE}"
            require(read.digest == WRITTEN, f"{said}: {read}")
            require(wrote.done, f"{person.login} cannot put a file into {EXCHANGE}: {wrote}")


@check(points=2, after=server_answers, leaves=STATE)
def exchanged_files_stay_their_owners(desk: Host, files: Host, values: Values) -> None:
    """Only who has put a file into the exchange folder changes, renames or deletes it."""
    giver = workers(values)[0]
    with _trace(files) as name:
        _require_written(desk, giver, EXCHANGE, name)
        for person in (workers(values)[3], heads(values)[0]):
            for outcome in _visit(
                desk,
                person,
                writes(EXCHANGE, name),
                renames(EXCHANGE, name, f"{name}-taken"),
                deletes(EXCHANGE, name),
            ):
                said = f"{person.login} may change what {giver.login} has put into {EXCHANGE}"
                require(not outcome.done, said)
        for outcome in _visit(
            desk,
            giver,
            writes(EXCHANGE, name),
            renames(EXCHANGE, name, f"{name}-mine"),
            deletes(EXCHANGE, f"{name}-mine"),
        ):
            said = f"{giver.login} cannot change the own file in {EXCHANGE}"
            require(outcome.done, f"{said}: {outcome}")


@check(points=2, after=server_answers, leaves=STATE)
def strangers_are_turned_away(desk: Host, files: Host, values: Values) -> None:
    """Who does not log in, has no account or the wrong password gets into no folder."""
    head, company = heads(values)[0], (POLICIES, EXCHANGE)
    for share, outcome in zip(company, _visit(desk, head, *map(lists, company)), strict=True):
        require(outcome.done, f"{head.login} cannot look into {share}: {outcome}")
    strangers = {
        "": "somebody who does not log in",
        "visitor": "somebody without an account",
        head.login: f"somebody with a wrong password for {head.login}",
    }
    with _trace(files) as name:
        everywhere = (*values.texts("departments"), *company)
        for login, said in strangers.items():
            # By the usual door into all of them, and straight into those that are for everybody.
            straight = [(one, (one,)) for one in company if login != head.login]
            for door, shares in (("ipc$", everywhere), *straight):
                deeds = tuple(deed for one in shares for deed in (lists(one), writes(one, name)))
                found = desk.ask(Visit(SERVER, login, secrets.token_hex(8), deeds, TEXT, door))
                for deed, outcome in zip(deeds, found, strict=True):
                    require(not outcome.done, f"{said} gets into {deed.share}")


def _require_together(
    desk: Host, files: Host, department: str, pair: tuple[Person, Person], paper: str
) -> None:
    """With what the first makes in the department's folder, the second goes on, and the paper."""
    maker, other = pair
    with _trace(files) as name:
        first, second = f"{name}/first", f"{name}/second"
        made = {
            f"change {paper}": alters(department, paper),
            "make a folder": makes(department, name),
            "write in a new folder": writes(department, first),
        }
        _require_done(desk, maker, made, department)
        went_on = {
            f"change {paper}": alters(department, paper),
            f"read a file of {maker.login}": reads(department, first),
            f"change a file of {maker.login}": writes(department, first),
            f"add to a folder of {maker.login}": writes(department, second),
            f"delete a file of {maker.login}": deletes(department, first),
        }
        _require_done(desk, other, went_on, department)


def _require_done(desk: Host, person: Person, deeds: Mapping[str, Deed], department: str) -> None:
    for what, outcome in zip(deeds, _visit(desk, person, *deeds.values()), strict=True):
        require(
            outcome.done,
            f"in {department}, {person.login} cannot {what}: {outcome}",
            hint="whose is a file or folder, and what may their group do with it?",
        )


def _require_read_only(desk: Host, person: Person, folder: str, name: str, values: Values) -> None:
    """In a share, what was there and what is new (`name`) can be read by somebody, not changed."""
    share, paper = folder.rpartition("/")[2], papers(values, folder)[0]
    old, new, *changed = _visit(
        desk,
        person,
        reads(share, paper),
        reads(share, name),
        alters(share, paper),
        writes(share, name),
        deletes(share, name),
        writes(share, f"{name}-more"),
    )
    said = f"in {share}, {person.login}"
    require(old.digest == digest(values, folder, paper), f"{said} cannot read {paper}: {old}")
    require(new.digest == WRITTEN, f"{said} cannot read what was just put there: {new}")
    require(not _any(changed), f"{said} may change what is only to be read")


def _require_kept_out(
    desk: Host, person: Person, name: str, *places: tuple[str, str], but_into: str
) -> None:
    """Neither the files in these places (share and path) nor what is beside them is for them.

    Into the share `but_into` they get: it is not just that nobody gets anywhere.
    """
    deeds = [lists(but_into)]
    for share, path in places:
        folder, slash, _ = path.rpartition("/")
        deeds += lists(share, folder), reads(share, path), alters(share, path)
        deeds += (writes(share, f"{folder}{slash}{name}-more"),)
    entered, *outcomes = _visit(desk, person, *deeds)
    require(entered.done, f"{person.login} cannot look into {but_into}: {entered}")
    for number, (share, path) in enumerate(places):
        looked, *others = outcomes[number * 4 :][:4]
        where = f"{share}/{path.rpartition('/')[0]}".strip("/")
        require(
            not looked.done,
            f"{person.login} can look into {where}, which is not theirs",
            hint="the share decides, and the file system below it; here neither of them refuses",
        )
        require(not _any(others), f"{person.login} gets at files in {where}, which is not theirs")


def _require_written(desk: Host, person: Person, share: str, name: str) -> None:
    (wrote,) = _visit(desk, person, writes(share, name))
    require(wrote.done, f"{person.login} cannot put a file into {share}: {wrote}")


def _any(outcomes: Iterable[Outcome]) -> bool:
    return any(outcome.done for outcome in outcomes)


def _visit(desk: Host, person: Person, *deeds: Deed) -> tuple[Outcome, ...]:
    """What becomes of what `person` does from the desk."""
    return desk.ask(Visit(SERVER, person.login, person.password, deeds, TEXT))


@contextmanager
def _trace(files: Host) -> Iterator[str]:
    """A name for what a check makes on the server; whatever is called so is gone afterwards."""
    name = f"grading-{secrets.token_hex(6)}"
    try:
        yield name
    finally:
        files.ask(Cleared(name))


def _map(ws: Host) -> NetworkMap:
    found = ws.ask(MapFile(MAP))
    if found is None:
        raise Failure(f"there is no {MAP} on ws")
    require(not found.problem, f"{MAP}, {found.problem}", hint="the brief says what a line holds")
    require(found.devices, f"no device is in {MAP}")
    return found


def _office(desk: Host, values: Values) -> Mapping[str, Device]:
    return equipment(values, desk.address["office"].rpartition(".")[0])


def _compared(ws: Host, desk: Host, values: Values) -> Mapping[str, tuple[Device, Device]]:
    """Each device by address, as it is and as it is on a map that is complete."""
    drawn = _map(ws).devices
    return {
        address: (real, drawn.get(address, Device(address)))
        for address, real in _office(desk, values).items()
    }


def _require_model(real: Device, noted: Device) -> None:
    """The model is noted, whatever else is said about it."""
    found, expected = (" ".join(one.model.casefold().split()) for one in (noted, real))
    require(
        expected in found,
        f"{noted.address} is a {noted.model or '(nothing)'} on the map; it calls itself otherwise",
        hint="at which of all its ports does it say what it is?",
    )


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()


def _logins(people: Iterable[Person]) -> set[str]:
    return {person.login for person in people}


def _listed(things: Collection[str] | Collection[int]) -> str:
    return ", ".join(map(str, sorted(things))) or "none"
