"""Judges lab 1i: somebody has left; no way in is open, all is kept, and nobody else notices."""

from __future__ import annotations

from collections.abc import Mapping

from graders.facts.departments import MembersOf
from graders.facts.dhcp import Offers
from graders.facts.fileserver import DEPARTMENTS, MANAGEMENT, digest, papers
from graders.facts.folders import Deed, Outcome, Visit, lists, reads
from graders.facts.ldif import Entry
from graders.facts.leaver import cast, changed_for_others, documents, drafts, letters, pcs
from graders.facts.leaving import (
    Authenticates,
    KeptIn,
    NumberOf,
    OwnersBelow,
    RunningAs,
    WaitingFor,
)
from graders.facts.network import Reach, TcpPorts
from graders.facts.office import base
from graders.facts.people import Entries, Known, Knows
from graders.facts.post import Arrived, Opened, Posted, Said, Waiting, outsider, posting
from graders.facts.post import Login as MailLogin
from graders.facts.profiles import Kind, Profile, ProfileFile
from graders.facts.ssh import Login
from graders.facts.table import Row, Table, TableFile
from graders.facts.tunnels import Accepted, Through
from runner.check import check, require
from runner.errors import UnreadableOutput
from runner.host import Host
from runner.values import Person, Values
from runner.verdict import Failure

INVENTORY = "/srv/inventory/computers.csv"
COLUMNS = ("asset", "name", "mac", "user", "location")
ARCHIVE = "/srv/archive"
KEY = "/root/leaver/id_ed25519"
"""The leaver's, on the desk."""
SERVER, MAIL, LDAPS = "files", "mail", 636
PATIENCE = 8
"""Seconds for what is expected to answer; it takes a fraction of one of them."""
FIRST_NUMBER = 1000
"""Of the accounts on the file server, which were made in the order of the staff."""
UNANSWERED = ("NT_STATUS_CONNECTION_REFUSED", "NT_STATUS_HOST_UNREACHABLE")
TUNNELLED = ("desk: file /run/tunnel.lock", "desk: file /run/wireguard")
"""What stays of a tunnel that was closed again: a lock, an empty folder."""
KNOWN = ("hub: file /var/lib/ldap/lock.mdb",)
"""Where the directory notes down who reads."""
LOGGED_IN = (
    "files: process * /usr/lib/systemd/systemd *",
    "files: process * /usr/lib/systemd/systemd-executor *",
    "files: process * /usr/bin/systemctl --user *",
)
"""The manager of somebody's services is there for ten seconds more, and then tidies up."""
SHARED = (
    "files: file /var/lib/samba/*",
    "files: file /var/cache/samba/*",
    "files: file /var/log/samba/*",
    "*: file /run/samba*",
)
"""What Samba notes down about who was there, and who was asked."""
POSTED = (
    "mail: file /srv/mail/*",
    "mail: file /var/spool/postfix/*",
    "mail: file /var/lib/postfix/*",
    "mail: process *",
)
"""Folders and lists of who has got mail for the first time; who serves stays for the next."""
_TWO = "there are two of that name"


@check(guard=True, survives_restart=True, leaves=TUNNELLED)
def namesake_gets_in_from_outside(desk: Host, values: Values) -> None:
    """Who has the same name as the leaver still has the VPN."""
    _require_tunnel(desk, values, "namesake", "phone")


@check(guard=True, survives_restart=True, leaves=TUNNELLED)
def colleague_gets_in_from_outside(desk: Host, values: Values) -> None:
    """A colleague of the leaver still has the VPN."""
    _require_tunnel(desk, values, "colleague", "pc")


@check(guard=True, leaves=KNOWN)
def others_stand_in_the_directory_as_before(desk: Host, hub: Host, values: Values) -> None:
    """The directory knows everybody else as before, by their passwords and in their groups."""
    address, top = hub.address["office"], base(values)
    logins = {one.login: one.password for one in cast(values).others}
    names = tuple((f"uid={login},ou=people,{top}", word) for login, word in logins.items())
    answers = desk.ask(Knows(f"ldaps://{address}", names))
    for login, known in zip(logins, answers, strict=True):
        require(known is Known.YES, f"the directory no longer knows {login} by the password")
    found = desk.ask(
        Entries(
            f"ldaps://{address}",
            top,
            "(|(objectClass=posixAccount)(objectClass=posixGroup))",
            ("uidNumber", "shadowExpire", "memberUid"),
        )
    )
    changed = changed_for_others(found, values)
    require(
        not changed,
        f"in the directory, this is no longer as it was: {', '.join(sorted(changed))}",
        hint=_TWO,
    )


@check(guard=True, within=2, survives_restart=True, leaves=(*SHARED, *LOGGED_IN))
def others_work_on_the_file_server(desk: Host, files: Host, values: Values) -> None:
    """Colleague, manager and namesake log in on the file server and use their folders."""
    address = files.address["office"]
    colleague, robot = values.text("colleague"), values.text("robot")
    for user in (colleague, robot):
        found = desk.ask(Authenticates(address, user, key="/root/colleague/id_ed25519"))
        require(
            found is Login.ADMITTED,
            f"on {SERVER}, the key of {colleague} no longer opens the account {user}",
        )
    who = cast(values)
    for one in (who.namesake, who.manager):
        found = desk.ask(Authenticates(address, one.login, password=one.password))
        require(found is Login.ADMITTED, f"on {SERVER}, {one.login} cannot log in any more")
    own, theirs, _ = values.texts("departments")
    for one, share in (
        (who.colleague, own),
        (who.manager, own),
        (who.namesake, theirs),
    ):
        for outcome in _visit(desk, one, lists(one.login), lists(share)):
            require(
                outcome.done, f"{one.login} cannot work on {SERVER} as before: {outcome}", hint=_TWO
            )


@check(guard=True, leaves=SHARED)
def department_keeps_its_documents(desk: Host, values: Values) -> None:
    """The department reads all its documents in their place, whoever had them in hand."""
    own, person = values.texts("departments")[0], cast(values).colleague
    wanted = papers(values)
    outcomes = _visit(desk, person, *(reads(own, name) for name in wanted))
    for name, outcome in zip(wanted, outcomes, strict=True):
        require(
            outcome.digest == digest(values, f"{DEPARTMENTS}/{own}", name),
            f"in {own}, {person.login} no longer reads {name} as it was: {outcome}",
            hint="what lies in the department's folder is the department's",
        )


@check(guard=True, leaves=SHARED)
def private_folder_stays_private(desk: Host, values: Values) -> None:
    """What the manager keeps to themselves in the department's folder is for nobody else."""
    own, private = values.texts("departments")[0], values.text("private_folder")
    name = f"{private}/{papers(values)[0]}"
    who = cast(values)
    (read,) = _visit(desk, who.manager, reads(own, name))
    require(read.done, f"{who.manager.login} no longer reads {own}/{name}: {read}")
    for outcome in _visit(desk, who.colleague, lists(own, private), reads(own, name)):
        require(
            not outcome.done,
            f"{who.colleague.login} gets into {own}/{private}, the manager's own folder",
        )


@check(guard=True, survives_restart=True, leaves=POSTED)
def others_have_their_mail(desk: Host, mail: Host, values: Values) -> None:
    """Colleague and namesake send mail and get it, the department by its own address too."""
    who = cast(values)
    colleague, namesake = who.colleague, who.namesake
    own = f"{values.texts('departments')[0]}@{values.company().domain}"
    for sender, to, reader in (
        (colleague, _mail_of(values, namesake), namesake),
        (namesake, own, colleague),
    ):
        with posting(mail) as subject:
            said = desk.ask(
                Posted(MAIL, _mail_of(values, sender), (to,), subject, _login_of(sender))
            )
            require(said is Said.YES, f"{sender.login} cannot send mail: the server {said.value}")
            require(
                desk.ask(Arrived(MAIL, _login_of(reader), subject)),
                f"{reader.login} does not get the mail that {sender.login} sends to {to}",
                hint=_TWO,
            )


@check(guard=True, leaves=KNOWN)
def accounts_are_kept(desk: Host, hub: Host, files: Host, values: Values) -> None:
    """The leaver's accounts are there still, so that their numbers are nobody else's."""
    login = values.text("leaver")
    entry, number = _entry(desk, hub, values), values.number("first_uid") + cast(values).place
    found = entry.number("uidNumber") if entry else None
    require(
        found == number,
        f"in the directory, {login} has the number {found}, not {number}"
        if entry
        else f"the directory has no {login} any more",
        hint="what does the policy say: closed, or deleted?",
    )
    there, expected = files.ask(NumberOf(login)), FIRST_NUMBER + cast(values).place
    require(
        there == expected,
        f"on {SERVER}, the account {login} with the number {expected} is not there any more",
        hint="what does the policy say: closed, or deleted?",
    )


@check(guard=True, survives_restart=True)
def other_computers_are_known_as_before(desk: Host, hub: Host, values: Values) -> None:
    """Everybody else's PC keeps its address and its line in the inventory."""
    prefix = hub.address["office"].rpartition(".")[0]
    every = [one for one in pcs(values) if one.login != values.text("leaver")]
    offers = desk.ask(Offers(tuple(one.mac for one in every)))
    table = _inventory(hub)
    for one in every:
        offer, expected = offers.get(one.mac), f"{prefix}.{one.number}"
        require(
            offer is not None and offer.address == expected,
            f"{one.name} would now get {offer.address if offer else 'no address'}, not {expected}",
        )
        line = (one.asset, one.name, one.mac, one.login, f"{values.text('site')}/{one.room}")
        rows = table.where("asset", one.asset)
        require(
            [tuple(row.cells[column] for column in COLUMNS) for row in rows] == [line],
            f"{INVENTORY} no longer says of {one.asset} what it said",
        )


@check(points=3, leaves=KNOWN)
def directory_is_shut(desk: Host, hub: Host, values: Values) -> None:
    """The directory takes the leaver's password no longer."""
    login, address = values.text("leaver"), hub.address["office"]
    entry = _entry(desk, hub, values)
    if entry is None:
        raise Failure(f"the directory has no {login} any more")
    (known,) = desk.ask(Knows(f"ldaps://{address}", ((entry.dn, cast(values).leaver.password),)))
    require(known is not Known.YES, f"the directory still knows {login} by the password")
    require(known is Known.NO, f"the directory does not say whether it knows {login}: {known.name}")


@check(points=2, survives_restart=True, leaves=LOGGED_IN)
def password_opens_no_server(desk: Host, files: Host, values: Values) -> None:
    """On the file server the leaver's password opens nothing."""
    leaver, address = cast(values).leaver, files.address["office"]
    found = desk.ask(Authenticates(address, leaver.login, password=leaver.password))
    _require_refused(found, f"on {SERVER}, SSH still takes the leaver's password")


@check(points=2, survives_restart=True, leaves=LOGGED_IN)
def key_opens_no_server(desk: Host, files: Host, values: Values) -> None:
    """On the file server the leaver's key does not open their account."""
    found = desk.ask(Authenticates(files.address["office"], values.text("leaver"), key=KEY))
    _require_refused(found, f"on {SERVER}, SSH still takes the leaver's key for their account")


@check(points=2, leaves=LOGGED_IN)
def key_opens_no_other_account(desk: Host, files: Host, values: Values) -> None:
    """The leaver's key opens nobody else's account on the file server either."""
    for user in (values.text("robot"), "root"):
        found = desk.ask(Authenticates(files.address["office"], user, key=KEY))
        _require_refused(found, f"the leaver's key still opens the account {user} on {SERVER}")


@check(points=2, survives_restart=True, leaves=SHARED)
def shares_are_shut(desk: Host, values: Values) -> None:
    """The file server lets the leaver into no share."""
    own, login = values.texts("departments")[0], values.text("leaver")
    for outcome in _visit(desk, cast(values).leaver, lists(login), lists(own), lists("policies")):
        require(
            not outcome.done,
            f"{login} still gets into shares of {SERVER}",
            hint="Samba has its own list of passwords",
        )
        require(outcome.status not in UNANSWERED, f"nobody answers for the shares of {SERVER}")


@check(points=2, survives_restart=True, leaves=POSTED)
def mailbox_is_shut(desk: Host, values: Values) -> None:
    """The leaver gets into their mailbox no longer."""
    said = desk.ask(Opened(MAIL, _login_of(cast(values).leaver)))
    require(said is not Said.YES, f"{values.text('leaver')} still opens the mailbox")
    require(said is not Said.SILENT, f"nobody answers on {MAIL} who could refuse to open a mailbox")


@check(points=2, leaves=POSTED)
def leaver_sends_nothing(desk: Host, mail: Host, values: Values) -> None:
    """The leaver sends no mail by the company's server any more."""
    who = cast(values)
    leaver, own, to = who.leaver, _mail_of(values, who.leaver), _mail_of(values, who.manager)
    with posting(mail) as subject:
        said = desk.ask(Posted(MAIL, own, (to,), subject, _login_of(leaver)))
    require(said is not Said.YES, f"{leaver.login} still sends mail by {MAIL}")
    require(said is not Said.SILENT, f"nobody answers on {MAIL} who could refuse a mail")


@check(points=3, survives_restart=True, leaves=POSTED)
def mail_goes_to_the_manager(desk: Host, mail: Host, values: Values) -> None:
    """What outsiders write to the leaver is in the manager's mailbox."""
    who, sender = cast(values), outsider()
    to = _mail_of(values, who.leaver)
    with posting(mail, sender) as subject:
        said = desk.ask(Posted(MAIL, sender, (to,), subject))
        require(said is Said.YES, f"of a mail to {to}, the server {said.value}")
        mail.ask(Waiting(sender))
        require(
            desk.ask(Arrived(MAIL, _login_of(who.manager), subject, patience=1)),
            f"a mail to {to} does not get to {who.manager.login}",
            hint="where does the server look up addresses, and since when is it as it is?",
        )


@check(points=2, leaves=POSTED)
def nothing_goes_outside(desk: Host, mail: Host, values: Values) -> None:
    """No mail to the leaver or to the department goes to an address outside."""
    who, sender, domain = cast(values), outsider(), values.company().domain
    own = f"{values.texts('departments')[0]}@{domain}"
    with posting(mail, sender) as subject:
        said = desk.ask(Posted(MAIL, sender, (_mail_of(values, who.leaver), own), subject))
        require(said is Said.YES, f"of a mail to the leaver and {own}, the server {said.value}")
        require(
            desk.ask(Arrived(MAIL, _login_of(who.colleague), subject)),
            f"a mail to {own} does not get to {who.colleague.login}",
        )
        outside = [to for to in mail.ask(Waiting(sender)) if not to.endswith(f"@{domain}")]
    require(
        not outside,
        f"a mail to the leaver and to {own} also goes to an address outside",
        hint="who gets what is sent to the department?",
    )


@check(points=2, survives_restart=True, leaves=TUNNELLED)
def notebook_stays_outside(desk: Host) -> None:
    """The leaver's notebook gets no tunnel any more."""
    _require_no_tunnel(desk, "pc", "the leaver's notebook")


@check(points=2, survives_restart=True, leaves=TUNNELLED)
def phone_stays_outside(desk: Host) -> None:
    """The leaver's phone gets no tunnel any more."""
    _require_no_tunnel(desk, "phone", "the leaver's phone")


@check(points=2, within=2)
def nothing_of_theirs_runs(desk: Host, files: Host, values: Values) -> None:
    """On the file server no program of the leaver's runs, and what they offered is not there."""
    running = files.ask(RunningAs(FIRST_NUMBER + cast(values).place))
    require(
        not running,
        f"on {SERVER}, {len(running)} of the leaver's programs still run",
        hint="whose is a process, and how are all of somebody's ended at once?",
    )
    door = files.address["office"], values.number("web_port")
    found = desk.ask(TcpPorts((door,), PATIENCE))[door]
    require(found is not Reach.OPEN, f"on {SERVER}, what the leaver offered at a port is there")


@check(points=2)
def nothing_of_theirs_waits(files: Host, values: Values) -> None:
    """On the file server nothing waits for its time to run as the leaver."""
    waiting = files.ask(WaitingFor(values.text("leaver")))
    require(
        not waiting,
        f"on {SERVER}, in {len(waiting)} places something waits to run as the leaver",
        hint="people have tables of their own, and the system has some in which an account stands",
    )


@check(points=1, leaves=KNOWN)
def department_is_left(desk: Host, hub: Host, files: Host, values: Values) -> None:
    """The leaver is in no department any more, neither in the directory nor on the file server."""
    login = values.text("leaver")
    found = desk.ask(
        Entries(
            f"ldaps://{hub.address['office']}",
            base(values),
            f"(&(objectClass=posixGroup)(memberUid={login}))",
            ("memberUid",),
        )
    )
    require(not found, f"in the directory, {login} is still in {', '.join(o.name for o in found)}")
    every = (*values.texts("departments"), MANAGEMENT)
    there = files.ask(MembersOf(every))
    inside = [group for group, who in zip(every, there, strict=True) if login in (who or ())]
    require(not inside, f"on {SERVER}, {login} is still in {', '.join(inside)}")


@check(points=2, leaves=SHARED)
def department_reads_what_was_in_work(desk: Host, values: Values) -> None:
    """What the leaver kept closed in the department's folder, the department now reads there."""
    own, person, wanted = values.texts("departments")[0], cast(values).colleague, drafts(values)
    outcomes = _visit(desk, person, *(reads(own, path) for path in wanted))
    for (path, written), outcome in zip(wanted.items(), outcomes, strict=True):
        require(
            outcome.done,
            f"{person.login} cannot read {own}/{path}: {outcome}",
            hint="which rights does the department have, on the folder and on what is in it?",
        )
        require(
            outcome.digest == written,
            f"{own}/{path} is not what the leaver has left there",
        )


@check(points=3)
def home_is_archived(files: Host, values: Values) -> None:
    """The manager finds all of the leaver's own files in the archive, unchanged."""
    _require_all(_kept(files, values), documents(values))


@check(points=2)
def mailbox_is_archived(files: Host, values: Values) -> None:
    """The manager finds all mails of the leaver's mailbox in the archive, unchanged."""
    _require_all(_kept(files, values), letters(values))


@check(points=2, after=(home_is_archived, mailbox_is_archived))
def archive_is_the_managers_alone(files: Host, values: Values) -> None:
    """The archive belongs to the manager, and nobody else reads anything of it."""
    folder, manager = f"{ARCHIVE}/{values.text('leaver')}", values.text("manager")
    for user in (values.text("colleague"), values.text("namesake"), "nobody"):
        seen = files.ask(KeptIn(folder), user=user).files
        require(not seen, f"{user} can read {len(seen)} files of {folder}")
    owners = files.ask(OwnersBelow(folder))
    require(
        owners == {manager},
        f"{folder} and what is in it belong to {', '.join(sorted(owners))}, not to {manager} alone",
    )


@check(points=2, survives_restart=True)
def workstation_gets_no_address(desk: Host, values: Values) -> None:
    """The network has no address any more for the leaver's PC."""
    every = {one.login: one for one in pcs(values)}
    mine, other = every[values.text("leaver")], every[values.text("colleague")]
    offers = desk.ask(Offers((mine.mac, other.mac)))
    require(offers, "nobody answers those in the office who ask for an address")
    require(
        mine.mac not in offers,
        f"{mine.name} would still get an address",
        hint="the hub knows its list as it last read it",
    )


@check(points=1)
def inventory_has_it_in_stock(hub: Host, values: Values) -> None:
    """In the inventory the leaver's PC is in stock, and nobody's."""
    table, asset = _inventory(hub), values.text("asset")
    rows = table.where("asset", asset)
    require(len(rows) == 1, f"{INVENTORY} has {len(rows)} lines for {asset}; one was expected")
    wrong = _unlike_stock(rows[0])
    require(
        not wrong,
        f"{INVENTORY}, line {rows[0].line}: for a PC in stock, this is wrong: {', '.join(wrong)}",
        hint="how does one in stock stand there?",
    )


def _unlike_stock(row: Row) -> list[str]:
    expected = {"name": "", "user": "", "location": "stock"}
    wrong = [name for name, cell in expected.items() if row.cells[name].casefold() != cell]
    return wrong if row.cells["mac"] else [*wrong, "mac"]


def _mail_of(values: Values, one: Person) -> str:
    return f"{one.login}@{values.company().domain}"


def _login_of(one: Person) -> MailLogin:
    return MailLogin(one.login, one.password)


def _entry(desk: Host, hub: Host, values: Values) -> Entry | None:
    """The leaver in the directory, wherever that is."""
    address, top = f"ldaps://{hub.address['office']}", base(values)
    found = desk.ask(Entries(address, top, f"(uid={values.text('leaver')})", ("uidNumber",)))
    return found[0] if found else None


def _visit(desk: Host, one: Person, *deeds: Deed) -> tuple[Outcome, ...]:
    return desk.ask(Visit(SERVER, one.login, one.password, deeds))


def _profile(desk: Host, folder: str, device: str) -> Profile:
    profile = desk.ask(ProfileFile(f"/root/{folder}", device, Kind.WIREGUARD))
    if profile is None:
        raise UnreadableOutput(f"{desk.name} has no profile in {folder} for {device}")
    return profile


def _require_tunnel(desk: Host, values: Values, whose: str, device: str) -> None:
    """The directory is reached through the tunnel."""
    door = f"{values.text('vpn_net')}.1", LDAPS
    tunnel = desk.ask(Through(_profile(desk, whose, device), TcpPorts((door,), PATIENCE)))
    if not tunnel.up or tunnel.answer is None:
        raise Failure(f"the {device} of the {whose} opens no tunnel: {tunnel.problem}", hint=_TWO)
    found = tunnel.answer[door]
    require(found is Reach.OPEN, f"through the tunnel of the {whose}, the hub is {found.value}")


def _require_no_tunnel(desk: Host, device: str, said: str) -> None:
    require(
        not desk.ask(Accepted(_profile(desk, "leaver", device))).up,
        f"{said} still opens a tunnel",
        hint="what the server knows now, and what it will read when it starts, are two things",
    )


def _require_refused(found: Login, said: str) -> None:
    require(
        found is not Login.ADMITTED,
        said,
        hint="a key asks for no password and stands under any name; who is in needs no shell",
    )
    require(found is Login.REFUSED, f"nobody answers at {SERVER} who could refuse a login")


def _kept(files: Host, values: Values) -> Mapping[str, str]:
    """What the manager reads in the archive."""
    folder, manager = f"{ARCHIVE}/{values.text('leaver')}", values.text("manager")
    kept = files.ask(KeptIn(folder), user=manager)
    require(kept.there, f"there is no {folder} on {SERVER} that {manager} finds")
    require(
        kept.files or not kept.problem, f"{manager} cannot read what is in {folder}: {kept.problem}"
    )
    return kept.files


def _require_all(kept: Mapping[str, str], wanted: Mapping[str, str]) -> None:
    there = set(kept.values())
    lost = [path for path, found in wanted.items() if found not in there]
    require(
        not lost,
        f"in the archive, {len(lost)} of {len(wanted)} of the leaver's files are not to be found",
        hint="not every file shows itself, and not every one is where the others are",
    )


def _inventory(hub: Host) -> Table:
    table = hub.ask(TableFile(INVENTORY, COLUMNS))
    if table is None:
        raise Failure(f"there is no {INVENTORY} on the hub")
    require(not table.problem, f"{INVENTORY}: {table.problem}")
    return table
