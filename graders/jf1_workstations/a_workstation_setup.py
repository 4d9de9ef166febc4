"""Judges lab 1a: a PC for a new colleague, by the company's rules for PCs."""

from __future__ import annotations

import secrets
from typing import TypeVar

from graders.facts.dhcp import LeaseLedger, Offers
from graders.facts.logon import Greeting, Somebody, inside, require_shut_out
from graders.facts.machine import Offsets, RunsSince, TakesAnyCertificate
from graders.facts.names import NamesOf, Resolved
from graders.facts.network import Reach, TcpPorts
from graders.facts.office import IT, Account, accounts, base, groups, machines, unlike
from graders.facts.paper import PaperOf
from graders.facts.people import Entries, Known, Knows, newcomer
from graders.facts.printing import Cancelled, Printed
from graders.facts.table import Row, TableFile
from graders.facts.workplace import (
    Begun,
    Door,
    FolderOf,
    HomeCleared,
    Identity,
    Outlived,
    Rights,
    RightsBySudo,
    SwitchedTo,
    Whoami,
)
from runner.check import check, require
from runner.host import Fact, Host
from runner.values import Person, Values
from runner.verdict import Failure

T = TypeVar("T")

INVENTORY = "/srv/inventory/computers.csv"
COLUMNS = ("asset", "name", "mac", "user", "location")
SSH = 22
WINTER, SUMMER = 1_768_478_400, 1_784_116_800
"""The middle of January and of July 2026: in between, clocks are changed, or are not."""
JOINED = ("hub: file /var/lib/ldap/*",)
"""What stays of somebody who was in the directory for a moment: pages that are free again."""
LOGGED_IN = (
    "pc: file /home/*",
    "pc: file /var/lib/sss/*",
    "pc: file /var/lib/sudo/*",
    "pc: socket tcp to *:389",
    "pc: socket tcp to *:636",
    "pc: process * /usr/lib/systemd/systemd-executor *",
    "pc: process * /usr/bin/systemctl --user *",
)
"""What stays of a login: a home, what the directory's client keeps in mind, sudo's first words.

The client keeps its lines to the directory. The manager of somebody's services is there for ten
seconds more, and then tidies up.
"""
PRINTED = (
    "pc: file /var/spool/cups/*",
    "pc: file /var/cache/cups/*",
    "pc: file /etc/cups/printers.conf*",
    "printer: file /srv/spool/*",
)
_HRS = "the directory is HR's: a PC follows it, not the other way round"


@check(guard=True, survives_restart=True)
def directory_is_as_hr_keeps_it(desk: Host, hub: Host, values: Values) -> None:
    """The directory knows everybody as before, and listens to passwords over TLS only."""
    address, top = hub.address["office"], base(values)
    people = (*values.people("staff"), values.person("starter"))
    logins = tuple((f"uid={who.login},ou=people,{top}", who.password) for who in people)
    answers = desk.ask(Knows(f"ldaps://{address}", logins))
    for who, known in zip(people, answers, strict=True):
        require(
            known is Known.YES,
            f"the directory no longer knows {who.login} by their password",
            hint=_HRS,
        )
    (heard,) = desk.ask(Knows(f"ldap://{address}", ((logins[0][0], "in-the-clear"),)))
    require(heard is Known.TOO_OPEN, "the directory now listens to passwords without TLS")
    kinds = "(|(objectClass=posixAccount)(objectClass=posixGroup))"
    wanted = ("uidNumber", "shadowExpire", "memberUid")
    starter, department = values.person("starter").login, values.text("starter_department")
    found = desk.ask(Entries(f"ldaps://{address}", top, kinds, wanted))
    changed = unlike(
        found,
        {**accounts(values), starter: Account(_number(values))},
        {**groups(values), department: groups(values)[department] | {starter}},
    )
    require(
        not changed,
        f"in the directory, this is no longer as HR has entered it: {', '.join(changed)}",
        hint=_HRS,
    )


@check(guard=True)
def other_machines_are_found_as_before(desk: Host, hub: Host, values: Values) -> None:
    """Everybody else's PC keeps its address, and the office's machines their names."""
    server = hub.address["office"]
    prefix, _, _ = server.rpartition(".")
    offers = desk.ask(Offers(tuple(one.mac for one in machines(values))))
    for one in machines(values):
        offer, expected = offers.get(one.mac), f"{prefix}.{one.number}"
        require(
            offer is not None and offer.address == expected,
            f"{one.name} would now get {offer.address if offer else 'no address'}, not {expected}",
            hint="the reservations of the others are to stay",
        )
    for host in (hub, desk):
        name = f"{host.name}.{values.company().domain}"
        found = desk.ask(Resolved(name, server))
        require(
            found == (host.address["office"],),
            f"asked for {name}, the hub says {', '.join(found) or 'nothing'}",
        )


@check(guard=True)
def inventory_of_the_others_is_kept(hub: Host, values: Values) -> None:
    """The inventory says of every other PC what it said before."""
    table = hub.ask(TableFile(INVENTORY, COLUMNS))
    for one in machines(values):
        expected = (one.asset, one.name, one.mac, one.login, f"{values.text('site')}/{one.room}")
        rows = table.where("asset", one.asset) if table else ()
        require(
            [tuple(row.cells[column] for column in COLUMNS) for row in rows] == [expected],
            f"{INVENTORY} does not say of {one.asset} what it said"
            + (f": {table.problem}" if table and table.problem else ""),
        )


@check(points=3, survives_restart=True, within=2)
def pc_has_its_address(desk: Host, hub: Host, pc: Host, values: Values) -> None:
    """The PC asks for its address whenever it starts, and gets the one reserved for its card."""
    mac, own, other = values.text("pc_mac"), pc.address["office"], machines(values)[0].mac
    offers = desk.ask(Offers((mac, other)))
    require(offers, "nobody answers those in the office who ask for an address")
    if mac not in offers:
        raise Failure(
            "if the new PC asked for an address, it would get none",
            hint="the hub gives addresses to cards that it knows, once it has read its list anew",
        )
    given = offers[mac].address
    require(given == own, f"if the new PC asked for an address, it would get {given}, not {own}")
    ledger = hub.ask(LeaseLedger())
    lease = ledger.leases.get(mac)
    if lease is None or lease.address != own:
        raise Failure(
            "an address is reserved for the PC, but it has not asked for it",
            hint="what on the PC is to ask, and does it?",
        )
    if lease.until:  # not let for ever
        asked = lease.until - offers[mac].seconds
        require(
            pc.ask(RunsSince()) - 2 <= asked <= ledger.now + 2,
            "since it was started, the PC has not asked for its address",
            hint="what on the PC is to ask when it starts?",
        )
    reach = desk.ask(TcpPorts(((own, SSH),)))[own, SSH]
    require(
        reach is Reach.OPEN,
        f"{own} is let to the PC, but seen from another one, SSH there is {reach.value}",
    )


@check(points=2, after=pc_has_its_address)
def pc_is_known_by_its_name(desk: Host, hub: Host, pc: Host, values: Values) -> None:
    """The office's name server knows the PC by the name that the company's scheme gives it."""
    server, own = hub.address["office"], pc.address["office"]
    name = f"{values.text('name')}.{values.company().domain}"
    names = desk.ask(NamesOf(own, server))
    require(
        name in names,
        f"asked whose address {own} is, the hub says {', '.join(names) or 'nothing'}, "
        "which is not the name by the scheme",
        hint="site, department, asset number; the domain is the name server's to add",
    )
    found = desk.ask(Resolved(name, server))
    require(found == (own,), f"asked for {name}, the hub says {', '.join(found) or 'nothing'}")


@check(points=1)
def clock_shows_local_time(pc: Host, values: Values) -> None:
    """The PC shows the time of its site, in summer and in winter."""
    (expected,) = (tuple(one[3:]) for one in values["sites"] if one[0] == values.text("site"))
    found = pc.ask(Offsets((WINTER, SUMMER)))
    require(
        found == expected,
        f"the PC's time is {found[0]} from UTC in winter and {found[1]} in summer, "
        "which is not the time of its site",
        hint="a machine has one time zone, whatever an account sets for itself",
    )


@check(points=4, after=pc_has_its_address, survives_restart=True, leaves=LOGGED_IN)
def starter_logs_in(desk: Host, pc: Host, values: Values) -> None:
    """The new colleague logs in as whom the directory knows, and lands in a home of their own."""
    person, number = values.person("starter"), _number(values)
    who = _there(desk, pc, person, Whoami())
    require(
        (who.name, who.number) == (person.login, number),
        f"on the PC {person.login} is {who.name} with the number {who.number}; "
        f"the directory says {number}",
        hint="an account that was made on the PC is another one than the directory's",
    )
    require(
        {"staff", values.text("starter_department")} <= set(who.groups),
        f"on the PC {person.login} is in {', '.join(who.groups)} and in no other group",
        hint="in which groups does the directory have them?",
    )
    _require_home(person.login, who, number)


@check(points=2, after=starter_logs_in, leaves=(*LOGGED_IN, *JOINED))
def everybody_has_a_home(desk: Host, hub: Host, pc: Host, values: Values) -> None:
    """Whoever logs in for the first time finds a home, into which nobody else can look."""
    other, starter = values.people("staff")[3], values.person("starter").login
    with newcomer(hub, base(values), 1) as joining:
        try:
            who = _there(desk, pc, joining, Whoami())
            _require_home(joining.login, who, joining.number)
            doors = {
                joining.login: _there(desk, pc, other, FolderOf(joining.home)),
                starter: _there(desk, pc, joining, FolderOf(f"/home/{starter}")),
            }
            for owner, door in doors.items():
                require(
                    door is Door.SHUT,
                    f"for others on the PC, the home of {owner} is {door.value}",
                    hint="with which rights are homes made?",
                )
        finally:
            pc.ask(HomeCleared(joining.login))


@check(points=2, after=starter_logs_in, leaves=LOGGED_IN)
def colleagues_log_in(desk: Host, pc: Host, values: Values) -> None:
    """Everybody else who works here can log in as well, contracts that end one day included."""
    for person in values.people("staff")[4:]:
        who = _there(desk, pc, person, Whoami())
        require(who.name == person.login, f"on the PC {person.login} is {who.name}")


@check(points=3, after=starter_logs_in, leaves=(*LOGGED_IN, *JOINED))
def who_has_left_stays_out(desk: Host, hub: Host, pc: Host, values: Values) -> None:
    """Who has left does not get in, though the directory still knows their password."""
    address, starter = pc.address["office"], values.person("starter")
    require_shut_out(desk, address, starter.login, "Not-Their-Word-1", "with a wrong password,")
    for person in values.people("former"):
        require_shut_out(desk, address, person.login, person.password, "who has left,")
    with newcomer(hub, base(values), 3, ends=values.number("left_on")) as leaving:
        who = "whose account HR has ended just now,"
        require_shut_out(desk, address, leaving.login, leaving.password, who)


@check(points=1, after=starter_logs_in, leaves=(*LOGGED_IN, *JOINED))
def devices_stay_out(desk: Host, hub: Host, pc: Host, values: Values) -> None:
    """An account of the directory that is a device's and nobody's does not log in on a PC."""
    with newcomer(hub, base(values), 4, unit="services") as device:
        who = "which stands among the devices,"
        require_shut_out(desk, pc.address["office"], device.login, device.password, who)


@check(points=2, after=starter_logs_in)
def directory_has_to_prove_itself(pc: Host) -> None:
    """The PC gives people's passwords to nobody but the company's own directory."""
    found = pc.ask(TakesAnyCertificate())
    require(
        not found,
        f"the PC takes any certificate for the directory's: {''.join(found[:1])}",
        hint="the company's own authority has certified the directory",
    )


@check(points=3, after=starter_logs_in, leaves=LOGGED_IN)
def it_administers(desk: Host, pc: Host, values: Values) -> None:
    """A colleague from IT administers the PC by sudo, with their own password."""
    person = values.people("staff")[1]
    _require_root(_rights(desk, pc, person), person.login)


@check(points=2, after=it_administers, leaves=(*LOGGED_IN, *JOINED))
def nobody_else_administers(desk: Host, hub: Host, pc: Host, values: Values) -> None:
    """Neither the new colleague nor anybody else outside IT may do anything by sudo."""
    starter = values.person("starter")
    _require_no_rights(_rights(desk, pc, starter), starter.login)
    with newcomer(hub, base(values), 5) as joining:
        try:
            who = "somebody who joined another department just now"
            _require_no_rights(_rights(desk, pc, joining), who)
        finally:
            pc.ask(HomeCleared(joining.login))


@check(points=2, after=it_administers, leaves=(*LOGGED_IN, *JOINED))
def administration_goes_with_the_department(
    desk: Host, hub: Host, pc: Host, values: Values
) -> None:
    """Who joins IT administers the PC from then on, without anybody touching it."""
    with newcomer(hub, base(values), 2, IT) as joining:
        try:
            _require_root(_rights(desk, pc, joining), "somebody who joined IT just now")
        finally:
            pc.ask(HomeCleared(joining.login))


@check(points=2, after=pc_has_its_address)
def bench_account_is_closed(desk: Host, pc: Host, values: Values) -> None:
    """The account that the imaging bench leaves on every PC no longer opens, from anywhere."""
    login, password = values.text("bench"), values.text("bench_password")
    known = "with the password that the whole bench knows"
    require_shut_out(desk, pc.address["office"], login, password, f"{known},")
    require(
        not pc.ask(SwitchedTo(login, password), user="nobody"),
        f"who is at the PC as somebody else becomes {login} {known}",
        hint="SSH is not the only way into an account",
    )


@check(points=3, after=starter_logs_in, survives_restart=True, leaves=(*LOGGED_IN, *PRINTED))
def print_comes_out_in_the_hall(desk: Host, pc: Host, printer: Host, values: Values) -> None:
    """Whoever prints on the PC, naming no printer, finds it in the hall under their name."""
    waiting: list[tuple[Person, str, str]] = []
    try:
        for person in (values.person("starter"), values.people("staff")[0]):
            title = f"grading-{secrets.token_hex(6)}"
            answer = _there(desk, pc, person, Printed(title))
            require(
                answer.request,
                f"{person.login} prints on the PC, naming no printer: {answer.refused}",
                hint="lpstat -t on the PC tells what it has and what its default is",
            )
            waiting.append((person, title, answer.request))
        while waiting:
            person, title, request = waiting[0]
            paper = printer.ask(PaperOf(title))
            if paper is None:
                raise Failure(
                    f"the PC takes {request} of {person.login}; nothing comes out in the hall",
                    hint="lpstat -t on the PC and its /var/log/cups/error_log",
                )
            require(
                paper.owner == person.login,
                f"a job of {person.login} came out under the name of {paper.owner}",
            )
            waiting.pop(0)
    finally:
        for person, _, request in waiting:
            _there(desk, pc, person, Cancelled(request))


@check(points=1, after=pc_has_its_address)
def notice_comes_first(desk: Host, pc: Host, values: Values) -> None:
    """Whoever wants to log in reads the company's notice before they type a password."""
    said = desk.ask(Greeting(pc.address["office"], values.person("starter").login))
    if said is None:
        raise Failure("nobody answers at the PC's address who could show a notice")
    require(
        " ".join(values.text("notice").split()) in " ".join(said.split()),
        f"before the password, the PC says {said.strip()[:100]!r}"
        if said.strip()
        else "before the password, the PC says nothing",
        hint="what is shown after the login comes too late",
    )


@check(points=2, after=starter_logs_in, leaves=LOGGED_IN)
def logging_out_ends_everything(desk: Host, pc: Host, values: Values) -> None:
    """When somebody logs out, nothing that they have started goes on running."""
    mark = f"{secrets.randbelow(10**12):012}"
    _there(desk, pc, values.people("staff")[2], Begun(mark))
    require(
        not pc.ask(Outlived(mark)),
        "a program that was started with nohup runs on after its owner has logged out",
        hint="who looks after sessions, and what does it do at their end?",
    )


@check(points=3)
def inventory_lists_the_pc(hub: Host, values: Values) -> None:
    """The inventory has one entry for the PC, with its name, card, user and place."""
    table, asset = hub.ask(TableFile(INVENTORY, COLUMNS)), values.text("asset")
    if table is None:
        raise Failure(f"there is no {INVENTORY} on the hub")
    require(not table.problem, f"{INVENTORY}: {table.problem}")
    rows = table.where("asset", asset)
    require(rows, f"{INVENTORY} has no entry for {asset}")
    lines = " and ".join(str(row.line) for row in rows)
    require(len(rows) == 1, f"{INVENTORY} has more than one entry for {asset}: lines {lines}")
    wrong = _untrue(rows[0], values)
    require(
        not wrong,
        f"{INVENTORY}, line {lines}: of {asset}, this is missing or wrong: {', '.join(wrong)}",
        hint="the card itself, the directory, and how the other entries are written",
    )


def _number(values: Values) -> int:
    """The new colleague's number in the directory."""
    return values.number("first_uid") + 20


def _there(desk: Host, pc: Host, person: Somebody, question: Fact[T]) -> T:
    """What somebody sees who logs in on the PC.

    Checks that are asked side by side ask as different people, so that what ends at somebody's
    logout is nothing of another check's.
    """
    return inside(desk, pc.address["office"], person, question)


def _rights(desk: Host, pc: Host, person: Somebody) -> Rights:
    return _there(desk, pc, person, RightsBySudo(person.password))


def _require_root(rights: Rights, who: str) -> None:
    require(
        rights.root,
        f"{who} is in IT, but not root by sudo: {rights.said or 'it says nothing'}",
        hint="whose is the right: a person's, a group's of the PC, or the directory's group's?",
    )


def _require_no_rights(rights: Rights, who: str) -> None:
    may = "root" if rights.root else "somebody else for some programs"
    require(not rights.root and not rights.anything, f"{who} is not in IT, and by sudo is {may}")


def _require_home(login: str, who: Identity, number: int) -> None:
    require(
        who.home == who.folder == f"/home/{login}",
        f"{login} logs in and lands in {who.folder}; the directory says /home/{login}",
        hint="whatever opens a session can make the home first, if it is told to",
    )
    require(who.owner == number, f"the home of {login} belongs to the number {who.owner}")


def _untrue(row: Row, values: Values) -> list[str]:
    """The columns in which the entry of the new PC is not true."""
    true = {
        "name": values.text("name"),
        "mac": values.text("pc_mac").replace(":", ""),
        "user": values.person("starter").login,
        "location": f"{values.text('site')}/{values.text('starter_room')}",
    }
    given = {column: row.cells[column].casefold() for column in true}
    given["name"] = given["name"].removesuffix(f".{values.company().domain}")
    given["mac"] = "".join(one for one in given["mac"] if one not in ":-.")
    return [column for column in true if given[column] != true[column]]
