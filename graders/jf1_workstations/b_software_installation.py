"""Judges lab 1b: one version of a program, from one source, for some people on some machines."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping

from graders.facts.departments import JoinedForNow, LeftAgain, MembersOf
from graders.facts.listening import ListeningPorts
from graders.facts.packages import (
    AptOffers,
    AptSources,
    AptUpgrades,
    FilesInside,
    FilesOf,
    Installed,
    Reinstalled,
    TrueName,
)
from graders.facts.programs import (
    AccessGiven,
    AccessOf,
    MayAsRoot,
    Permitted,
    Run,
    Started,
)
from graders.facts.requests import Requests
from runner.check import check, require
from runner.errors import UnreadableOutput
from runner.host import Host
from runner.values import Person, Values

MIRROR_PORT = 8080
POOL = "/srv/www/archive/pool"
TAKEN = "200"
NOTED_WITHIN = 3
"""Seconds within which the server has noted down what it answered."""
KEPT = ("depot: file /var/log/nginx/*",)
"""What stays of a request: the server notes it down."""
NOBODYS_BUSINESS = (("/usr/bin/id",), ("/bin/sh",), ("/usr/bin/apt-get", "update"))
"""What no key user needs to do as root."""


@check(guard=True)
def departments_are_as_they_were(pc1: Host, pc2: Host, pc3: Host, values: Values) -> None:
    """On every workstation those are in the department who work in it, and nobody else."""
    department, members = values.text("department"), _logins(_members(values))
    for pc in (pc1, pc2, pc3):
        (found,) = pc.ask(MembersOf((department,)))
        require(
            found == members,
            f"on {pc.name} the group {department} has the members {_listed(found or ())}, "
            f"not {_listed(members)}",
            hint="HR keeps the departments: access follows them, not the other way round",
        )


@check(guard=True)
def everybody_has_what_everybody_needs(pc1: Host, pc2: Host, pc3: Host, values: Values) -> None:
    """What was installed for everybody on all workstations goes on working for everybody."""
    program = values.text("common")
    for pc in (pc1, pc2, pc3):
        for person in (_members(values)[0], _others(values)[0]):
            run = pc.ask(Started(program), user=person.login)
            require(
                run.ok and person.name in run.said,
                f"on {pc.name} {program} does not work for {person.login} any more: {run.last}",
            )


@check(points=3, survives_restart=True)
def archive_is_a_source(pc1: Host, pc2: Host, pc3: Host, depot: Host, values: Values) -> None:
    """On every workstation apt gets packages from the company's archive and finds them in order."""
    _require_depot(depot, values)
    product, approved = values.text("product"), values.text("approved")
    for pc in (pc1, pc2, pc3):
        offers = pc.ask(AptOffers((product,)))
        require(
            any(approved in offers.of(product, one) for one in _archives(depot, values)),
            f"on {pc.name}, after an update, apt has no {product} {approved} from the archive"
            + (f"; it says: {offers.complaint}" if offers.complaint else ""),
            hint="apt-get update tells what it makes of each source",
        )


@check(points=1)
def mirror_is_no_source(pc1: Host, pc2: Host, pc3: Host) -> None:
    """No workstation asks the mirror any more."""
    for pc in (pc1, pc2, pc3):
        asked = [one for one in pc.ask(AptSources()) if f":{MIRROR_PORT}/" in one]
        require(not asked, f"on {pc.name} apt still takes packages from {_listed(asked)}")


@check(points=3, after=archive_is_a_source)
def forged_archive_is_refused(pc1: Host, pc2: Host, pc3: Host, depot: Host, values: Values) -> None:
    """What comes in the archive's name but is not signed with its key is refused by apt."""
    _require_depot(depot, values)
    # The mirror has the same folders as the archive: as a proxy it answers for it.
    proxy = f"http://{depot.address['office']}:{MIRROR_PORT}"
    for pc in (pc1, pc2, pc3):
        taken = pc.ask(AptOffers((values.text("product"),), proxy=proxy)).sources
        require(
            not taken,
            f"on {pc.name}, apt took packages that somebody else had signed, when they came in the "
            "archive's place",
            hint="whose signature must a list of packages from this source have?",
        )


@check(points=2)
def nothing_else_vouches(pc1: Host, pc2: Host, pc3: Host, depot: Host, values: Values) -> None:
    """No key and no setting makes apt trust a source that does not name our key itself."""
    _require_depot(depot, values)
    archive = f"http://{depot.address['office']}/archive"
    mirror = f"http://{depot.address['office']}:{MIRROR_PORT}/archive"
    entered = tuple(f"deb {one} stable main" for one in (archive, mirror))
    for pc in (pc1, pc2, pc3):
        taken = pc.ask(AptOffers((values.text("product"),), sources=entered)).sources
        require(
            mirror not in taken,
            f"on {pc.name}, apt takes the mirror's packages as soon as somebody enters it as a "
            "source: its key counts there, or none is needed",
            hint="`apt-config dump` shows settings, and some keys count for every source",
        )
        require(
            archive not in taken,
            f"on {pc.name}, the archive's key counts for every source, not for the archive only",
            hint="sources.list(5) has an option by which a source names its own key",
        )


@check(points=2)
def approved_version_is_there(pc1: Host, pc2: Host, pc3: Host, values: Values) -> None:
    """Where the department works the program is installed, in the version that was approved."""
    product, approved = values.text("product"), values.text("approved")
    for pc in _users(values, pc1, pc2, pc3):
        found = pc.ask(Installed(product))
        require(found.there, f"on {pc.name}, {product} is not installed as a package")
        require(
            found.version == approved,
            f"on {pc.name}, {product} has the version {found.version}, not {approved}",
        )


@check(points=3, after=approved_version_is_there)
def files_are_the_archives(pc1: Host, pc2: Host, pc3: Host, depot: Host, values: Values) -> None:
    """The program's files are those of the archive's package, byte for byte."""
    product = values.text("product")
    truth = depot.ask(FilesInside(f"{POOL}/{product}_{values.text('approved')}_all.deb"))
    for pc in _users(values, pc1, pc2, pc3):
        found = pc.ask(FilesOf(product))
        wrong = sorted(path for path, digest in truth.items() if found.get(path) != digest)
        require(
            not wrong,
            f"on {pc.name}, {_listed(wrong)} is not what the archive's package holds, though the "
            "version is the same",
            hint="where had this package come from when it was installed?",
        )


@check(points=3, after=approved_version_is_there, leaves=KEPT)
def department_works_with_it(pc1: Host, pc2: Host, pc3: Host, depot: Host, values: Values) -> None:
    """Everybody in the department works with it, at the company's server, without own settings."""
    _require_depot(depot, values)
    product = values.text("product")
    for pc in _users(values, pc1, pc2, pc3):
        for person in _members(values):
            mark = _mark()
            run = pc.ask(Started(product, ("add", mark)), user=person.login)
            where = f"on {pc.name}, {product} does not work for {person.login}"
            kept = _kept(depot, mark, run, values)
            require(run.ok, f"{where}: {run.last}")
            require(kept, f"{where}: nothing arrives at the server; it says: {run.last}")
            site = kept[-1].get("site")
            require(
                site == values.text("site"),
                f"on {pc.name}, {product} calls the company {site!r} at the server, "
                f"not {values.text('site')!r}",
            )


@check(points=3, after=approved_version_is_there)
def nobody_else_uses_it(pc1: Host, pc2: Host, pc3: Host, values: Values) -> None:
    """Who is not in the department can neither start the program nor read it to make a copy."""
    product = values.text("product")
    for pc in _users(values, pc1, pc2, pc3):
        for person in _others(values):
            _require_shut(pc, person, product)


@check(points=2, after=approved_version_is_there)
def settings_are_roots_to_change(pc1: Host, pc2: Host, pc3: Host, values: Values) -> None:
    """The settings for all are changed by root only, and the department can read them."""
    folder = f"/etc/{values.text('product')}"
    file = f"{folder}/client.conf"
    for pc in _users(values, pc1, pc2, pc3):
        for person in values.people("staff"):
            writable = pc.ask(Permitted((file, folder), "w"), user=person.login)
            require(not writable, f"on {pc.name}, {person.login} may change {_listed(writable)}")
        for person in _members(values):
            readable = pc.ask(Permitted((file,), "r"), user=person.login)
            require(readable, f"on {pc.name}, {person.login} cannot read {file}")


@check(points=1)
def old_copy_is_gone(pc1: Host, pc2: Host, pc3: Host, values: Values) -> None:
    """No copy of old is left beside the package, where people would start it by mistake."""
    product, (_, pc) = values.text("product"), _users(values, pc1, pc2, pc3)
    places = (
        f"/usr/local/bin/{product}",
        f"/opt/{product}-{values.text('old')}/bin/{product}",
    )
    require(
        not pc.ask(Permitted(places, "r")),
        f"an old copy of {product} is still there on one of the machines",
        hint="what does somebody of the department start who types its name, and whose is it?",
    )


@check(points=2)
def not_where_it_has_no_business(pc1: Host, pc2: Host, pc3: Host, values: Values) -> None:
    """Where the department does not work nothing of the program is left, settings included."""
    product, pc = values.text("product"), _elsewhere(values, pc1, pc2, pc3)
    found = pc.ask(Installed(product))
    require(not found.there, f"on {pc.name}, {product} {found.version} is installed")
    require(
        found.gone and not pc.ask(Permitted((f"/etc/{product}/client.conf",), "r")),
        f"on {pc.name}, the settings of {product} were left behind",
        hint="packages can be removed in two ways",
    )
    run = pc.ask(Started(product, ("--version",)))
    require(not run.path, f"on {pc.name}, {product} can still be started, as {run.path}")


@check(points=3, after=archive_is_a_source)
def version_is_held(pc1: Host, pc2: Host, pc3: Host, depot: Host, values: Values) -> None:
    """No update moves the program away from the approved version, whatever the archive offers."""
    _require_depot(depot, values)
    product, approved = values.text("product"), values.text("approved")
    for pc in _users(values, pc1, pc2, pc3):
        require(
            pc.ask(Installed(product)).version == approved,
            f"on {pc.name}, {product} {approved} is not there to be held",
        )
        to = _upgrades(pc).get(product)
        require(
            to is None,
            f"on {pc.name}, the next upgrade would bring {product} {to}",
            hint="apt-get -s full-upgrade tries it without doing it",
        )


@check(points=2, after=archive_is_a_source)
def other_updates_get_through(pc1: Host, pc2: Host, pc3: Host, depot: Host, values: Values) -> None:
    """Updates of everything else still get through."""
    _require_depot(depot, values)
    program, newest = values.text("common"), values.text("common_newest")
    for pc in (pc1, pc2, pc3):
        now = pc.ask(Installed(program)).version
        to = _upgrades(pc).get(program, now)
        require(
            to == newest,
            f"on {pc.name}, {program} stays at {now} at the next upgrade; the archive has {newest}",
            hint="what exactly is held?",
        )


@check(points=2, after=department_works_with_it, leaves=KEPT)
def key_user_unlocks(pc1: Host, pc2: Host, pc3: Host, depot: Host, values: Values) -> None:
    """The key user unlocks what others have left open, as root and without a password."""
    _require_depot(depot, values)
    admin, keyuser = f"{values.text('product')}-admin", values.people("staff")[0]
    for pc in _users(values, pc1, pc2, pc3):
        number = str(secrets.randbelow(10**12) + 10**12)
        run = pc.ask(Started("sudo", ("-n", admin, "unlock", number)), user=keyuser.login)
        where = f"on {pc.name}, `sudo {admin} unlock ...` does not work for {keyuser.login}"
        kept = _kept(depot, number, run, values)
        require(run.ok, f"{where}: {run.last}", hint="`sudo -l` lists what somebody may do")
        require(
            any(one.get("who") == keyuser.login for one in kept),
            f"{where}: nothing arrives at the server",
        )


@check(points=2, after=key_user_unlocks)
def nobody_does_more_as_root(pc1: Host, pc2: Host, pc3: Host, values: Values) -> None:
    """The key user does nothing else as root, and nobody else does anything."""
    admin = f"/usr/sbin/{values.text('product')}-admin"
    keyuser, *others = values.people("staff")
    unlock, server = (admin, "unlock", "1"), (admin, "server", "http://localhost")
    for pc in (pc1, pc2, pc3):
        for person, tried in (
            (keyuser, (server, *NOBODYS_BUSINESS)),
            *((one, (unlock, server, *NOBODYS_BUSINESS)) for one in others),
        ):
            may = [words for words in tried if pc.ask(MayAsRoot(person.login, words))]
            require(
                not may,
                f"on {pc.name}, {person.login} may run `{' '.join(may[0]) if may else ''}` as root",
                hint="sudoers(5) says how a rule names a command with its arguments",
            )


@check(
    points=2,
    after=nobody_else_uses_it,
    disruptive=True,
    leaves=("pc?: file /etc/group-", "pc?: file /etc/gshadow-"),
)
def access_follows_the_department(pc1: Host, pc2: Host, pc3: Host, values: Values) -> None:
    """Who joins the department can use the program from then on, without IT."""
    product, department = values.text("product"), values.text("department")
    joining = _others(values)[0]
    for pc in _users(values, pc1, pc2, pc3):
        problem = pc.ask(JoinedForNow(joining.login, department))
        if problem:
            raise UnreadableOutput(f"{joining.login} cannot be put into {department}: {problem}")
        try:
            run = pc.ask(Started(product, ("--version",)), user=joining.login)
            require(
                run.ok,
                f"on {pc.name}, {joining.login} joined {department} and still cannot start "
                f"{product}: {run.last}",
                hint="is it open to people or to a department?",
            )
        finally:
            pc.ask(LeftAgain(joining.login, department))


@check(
    points=3,
    after=nobody_else_uses_it,
    disruptive=True,
    leaves=(
        "pc?: file /var/lib/dpkg/*",
        "pc?: file /var/lib/apt/*",
        "pc?: file /var/cache/apt/*",
        "pc?: file /var/log/*",
        "pc?: file /var/cache/debconf/*",
    ),
)
def access_outlives_an_update(pc1: Host, pc2: Host, pc3: Host, depot: Host, values: Values) -> None:
    """When the package is installed anew, it is the department's as before, and nobody else's."""
    _require_depot(depot, values)
    product, member = values.text("product"), _members(values)[1]
    for pc in _users(values, pc1, pc2, pc3):
        run = pc.ask(Started(product, ("--version",)), user=member.login)
        require(run.ok, f"on {pc.name}, {member.login} cannot start {product}: {run.last}")
        before = pc.ask(AccessOf((run.path,)))
        try:
            problem = pc.ask(Reinstalled(product, values.text("approved")))
            require(not problem, f"on {pc.name}, {product} cannot be installed anew: {problem}")
            for person in _others(values):
                _require_shut(pc, person, product, "after an update ")
            run = pc.ask(Started(product, ("--version",)), user=member.login)
            require(
                run.ok,
                f"on {pc.name}, after an update {member.login} cannot start {product}: {run.last}",
            )
        finally:
            pc.ask(AccessGiven(before))


def _users(values: Values, *pcs: Host) -> tuple[Host, Host]:
    """The workstations at which the department works: set up with copies, and with an old copy."""
    by_name = {pc.name: pc for pc in pcs}
    copied, old, _ = values.texts("places")
    return by_name[copied], by_name[old]


def _elsewhere(values: Values, *pcs: Host) -> Host:
    """The workstation on which the program has no business."""
    return next(pc for pc in pcs if pc.name == values.texts("places")[2])


def _members(values: Values) -> tuple[Person, ...]:
    return values.people("staff")[:3]


def _others(values: Values) -> tuple[Person, ...]:
    return values.people("staff")[3:]


def _archives(depot: Host, values: Values) -> Iterator[str]:
    """The archive's address, in the ways in which it can be written."""
    for host in ("depot", f"depot.{values.company().domain}", depot.address["office"]):
        yield f"http://{host}/archive"


def _require_depot(depot: Host, values: Values) -> None:
    """That the machines do without the depot is nobody's fault: it is not theirs to look after."""
    listening = depot.ask(ListeningPorts())
    silent = [one for one in (80, MIRROR_PORT, values.number("port")) if one not in listening]
    if silent:
        raise UnreadableOutput(f"depot does not listen on {silent}")


def _upgrades(pc: Host) -> Mapping[str, str]:
    """What the next upgrade would bring."""
    found = pc.ask(AptUpgrades())
    require(not found.complaint, f"on {pc.name}, apt cannot upgrade anything: {found.complaint}")
    return found.to


def _mark() -> str:
    """Something to note down that nobody else has noted down."""
    return f"grading-{secrets.token_hex(8)}"


def _kept(depot: Host, mark: str, run: Run, values: Values) -> list[Mapping[str, str]]:
    """What the server has taken that mentions `mark`, after somebody's `run`."""
    log = f"/var/log/nginx/{values.text('product')}.log"
    found = depot.ask(Requests(log, mark, NOTED_WITHIN if run.ok else 0))
    return [one for one in found if one.get("status") == TAKEN]


def _require_shut(pc: Host, person: Person, product: str, when: str = "") -> None:
    """`person` can neither start nor read the program, wherever its file lies."""
    where = f"on {pc.name}, {when}{person.login}, who is not in the department,"
    run = pc.ask(Started(product, ("--version",)), user=person.login)
    require(not run.ok, f"{where} starts {product}: {run.last}")
    file = pc.ask(TrueName(f"/usr/bin/{product}"))
    require(
        not pc.ask(Permitted((file,), "r"), user=person.login),
        f"{where} may read {file}: a copy of it can be started by anybody",
    )


def _logins(people: Iterable[Person]) -> tuple[str, ...]:
    return tuple(sorted(person.login for person in people))


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "nobody"
