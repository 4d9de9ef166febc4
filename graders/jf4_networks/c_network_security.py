"""4c: a perimeter that holds, an intruder put out, a virus found."""

from __future__ import annotations

from collections.abc import Mapping

from graders.facts.antivirus import Scanned
from graders.facts.files import Mentions
from graders.facts.intrusion import (
    Alerts,
    LiftBans,
    PortScan,
    ProcessesWith,
    StraySetuid,
)
from graders.facts.network import Door, Page, PagesWith, Reach, Statuses, TcpPorts
from graders.facts.report import Report, ReportFile
from graders.facts.services import UnitState
from graders.facts.ssh import Login, SshLogin, SshSiege
from runner.check import check, require
from runner.host import Host
from runner.values import Values
from runner.verdict import Failure

SSH = 22
WEB = 80
SECURE_WEB = 443
MAIL = 25
SIGNATURES = 8080

REPORT = "/root/ticket/report.txt"
QUARANTINE = "/var/quarantine"
STARTED_FROM = (
    "/etc/cron*",
    "/var/spool/cron",
    "/etc/systemd",
    "/etc/rc.local",
    "/usr/lib/systemd",
    "/usr/local/lib/systemd",
    "/etc/init.d",
    "/etc/profile*",
)
INFECTED = 1
"""How many of the downloads are; all others must stay on offer."""


# What works at the start and must go on working.


@check(guard=True)
def website_stays_up(outside: Host, web: Host, values: Values) -> None:
    """Visitors from the internet get the company's site and every clean download."""
    site = f"http://{web.address['servers']}"
    page = outside.ask(Page(f"{site}/"))
    require(
        page.status == 200 and values.company().name in page.body,  # noqa: PLR2004
        f"the company's page cannot be had from the internet: "
        f"{page.problem or f'the server answered {page.status}'}",
        hint="look at nginx on the web server and at what the gateway lets through",
    )
    statuses = outside.ask(Statuses(_downloads(web, values)))
    gone = len(statuses) - statuses.count(200)
    require(
        gone <= INFECTED,
        f"{gone} of {len(statuses)} downloads are no longer offered; only one of them is infected",
        hint="clean files go back to where they were",
    )


@check(guard=True)
def supplier_can_log_in(outside: Host, web: Host, values: Values) -> None:
    """The supplier who keeps the web site logs in to the web server from the internet."""
    login = outside.ask(_supplier(web, values))
    require(
        login is Login.ADMITTED,
        f"SSH from the supplier's address with the supplier's password: {login}",
        hint="port, password logins and the supplier's account were to stay as they are",
    )


@check(guard=True)
def staff_member_keeps_access(mirror: Host, web: Host, values: Values) -> None:
    """The owner of the account that was abused still logs in from the office with their own key."""
    login = mirror.ask(
        SshLogin(
            web.address["servers"],
            _abused(values),
            values.number("ssh_port"),
            key="/root/.ssh/staff",
        )
    )
    require(
        login is Login.ADMITTED,
        f"SSH from the office with the key of the account's owner: {login}",
        hint="the account has two keys; only one of them is foreign",
    )


@check(guard=True)
def evidence_is_kept(web: Host, values: Values) -> None:
    """The log that shows the break-in is kept as evidence."""
    lines = web.ask(Mentions(f" from {values.text('intruder')} port", ("/var/log/auth.log*",)))
    require(
        lines,
        "the entries about the break-in are no longer in /var/log/auth.log",
        hint="the insurer asks for the original log",
    )


# The firewall on the gateway.


@check(points=3, survives_restart=True)
def internet_reaches_site_and_ssh_only(outside: Host, web: Host, values: Values) -> None:
    """From the internet the web server offers the site and SSH, and nothing else."""
    server = web.address["servers"]
    _expect(
        outside,
        "from the internet",
        opens={
            "the web site": (server, WEB),
            "SSH on the web server": (server, values.number("ssh_port")),
        },
        shut={
            "the staff console on the web server": (server, values.number("console_port")),
            "the status page on the web server": (server, values.number("status_port")),
        },
    )


@check(points=3, survives_restart=True)
def internet_reaches_no_office(
    outside: Host, gateway: Host, web: Host, mirror: Host, ws: Host, values: Values
) -> None:
    """From the internet neither the gateway itself nor any machine in the office can be reached."""
    _expect(
        outside,
        "from the internet",
        opens={"the web site": (web.address["servers"], WEB)},
        shut={
            "SSH on the gateway": (gateway.address["internet"], SSH),
            "SSH on the gateway's office side": (gateway.address["office"], SSH),
            "SSH on a workstation": (ws.address["office"], SSH),
            "the signature mirror": (mirror.address["office"], SIGNATURES),
            "an agent in the office": (mirror.address["office"], values.number("agent_port")),
        },
    )


@check(points=2, survives_restart=True)
def office_reaches_its_services(mirror: Host, gateway: Host, web: Host, values: Values) -> None:
    """From the office the site, SSH and the staff console can be used, and nothing else."""
    server = web.address["servers"]
    _expect(
        mirror,
        "from the office",
        opens={
            "the web site": (server, WEB),
            "SSH on the web server": (server, values.number("ssh_port")),
            "the staff console": (server, values.number("console_port")),
            "SSH on the gateway": (gateway.address["office"], SSH),
        },
        shut={"the status page on the web server": (server, values.number("status_port"))},
    )


@check(points=3, survives_restart=True)
def office_surfs_behind_the_gateway(
    mirror: Host, gateway: Host, outside: Host, values: Values
) -> None:
    """The office surfs the web under the gateway's address and opens nothing else out there."""
    stranger = outside.address["internet"]
    _expect(
        mirror,
        "from the office",
        opens={"the web": (stranger, WEB), "the web over TLS": (stranger, SECURE_WEB)},
        shut={
            "mail on the internet": (stranger, MAIL),
            "an unusual port on the internet": (stranger, values.number("drop_port")),
        },
    )
    seen = mirror.ask(Page(f"http://{stranger}/")).body.strip()
    require(
        seen == gateway.address["internet"],
        f"a site on the internet sees the office as {seen or 'nobody'}; the gateway's own internet "
        f"address {gateway.address['internet']} was expected",
        hint="look for source NAT, also called masquerading",
    )


@check(points=3, survives_restart=True)
def server_zone_opens_nothing(
    web: Host, mirror: Host, gateway: Host, outside: Host, ws: Host, values: Values
) -> None:
    """A server that was taken over gets no further: it may fetch signatures and nothing else."""
    stranger = outside.address["internet"]
    _expect(
        web,
        "from the server zone",
        opens={"the signature mirror": (mirror.address["office"], SIGNATURES)},
        shut={
            "SSH on the mirror": (mirror.address["office"], SSH),
            "an agent in the office": (mirror.address["office"], values.number("agent_port")),
            "SSH on a workstation": (ws.address["office"], SSH),
            "SSH on the gateway": (gateway.address["servers"], SSH),
            "the web": (stranger, WEB),
            "an unusual port on the internet": (stranger, values.number("drop_port")),
        },
    )


# Prevention and detection.


@check(points=4, survives_restart=True, disruptive=True, leaves=("web: firewall *f2b-*",))
def guessing_passwords_ends_in_a_ban(
    outside: Host, web: Host, gateway: Host, values: Values
) -> None:
    """Who guesses SSH passwords is shut out within seconds, while the supplier still gets in."""
    siege = outside.ask(
        SshSiege(web.address["servers"], "root", values.number("ssh_port"), _guessers(outside)),
        timeout=25.0,
    )
    try:
        require(
            siege.answered,
            "SSH on the web server does not answer a stranger from the internet at all",
            hint="the policy lets everybody knock; only who guesses is shut out",
        )
        require(
            siege.shut_out,
            f"after {siege.refused} wrong passwords the server still listens to the guesser",
            hint="look at the jail, at the port it guards and at what it reads",
        )
        supplier = outside.ask(_supplier(web, values))
        require(
            supplier is Login.ADMITTED,
            f"while a guesser is shut out, the supplier's login from another address: {supplier}",
            hint="which address does the web server see when somebody comes from the internet?",
        )
    finally:
        # Where addresses are translated the ban may have hit somebody else.
        web.ask(LiftBans((siege.source, outside.address["internet"], gateway.address["servers"])))


@check(points=4, survives_restart=True)
def port_scan_raises_an_alert(outside: Host, gateway: Host, web: Host) -> None:
    """A port scan from the internet is in the alert log within seconds; a visitor is not."""
    visitor = _internet(outside, "192")
    before = gateway.ask(Alerts(visitor))
    if before is None:
        raise Failure(
            f"there is no alert log {Alerts.path} on the gateway", hint="does the detection run?"
        )
    outside.ask(Page(f"http://{web.address['servers']}/", source=visitor))
    address, port = outside.ask(PortScan(gateway.address["internet"], _scanners(outside)))
    require(
        gateway.ask(Alerts(address, port, patience=6.0)),
        "a scan of 40 ports from the internet raised no alert",
        hint="on which card does it listen, and which rules has it loaded?",
    )
    after = gateway.ask(Alerts(visitor))
    require(
        after is not None and after <= before,
        "a visitor who fetched one page raised an alert as well",
        hint="a rule that cries at everything is soon ignored",
    )


# The break-in.


@check(points=3)
def report_names_the_intruder(ws: Host, values: Values) -> None:
    """The report names the address that broke in and the account that was abused."""
    report = _report(ws)
    _require_entry(report, "Intruder address", (values.text("intruder"),))
    _require_entry(report, "Account", (_abused(values),))


@check(points=2)
def report_names_what_was_planted(ws: Host, values: Values) -> None:
    """The report names the file that the intruder planted."""
    _require_entry(_report(ws), "Planted file", (values.text("planted"),))


@check(points=2)
def intruder_key_is_refused(outside: Host, web: Host, values: Values) -> None:
    """The intruder's key no longer opens the account."""
    login = _intruder(outside, web, values, key="/root/.ssh/intruder")
    require(
        login is Login.REFUSED,
        f"the intruder comes back with a key: {login}",
        hint="the log shows with which key each login was made",
    )


@check(points=2)
def guessed_password_is_refused(outside: Host, web: Host, values: Values) -> None:
    """The password that the intruder guessed is no longer good for anything."""
    login = _intruder(outside, web, values, password=values.text("guessed"))
    require(
        login is Login.REFUSED,
        f"the intruder comes back with the password that was guessed: {login}",
        hint="an account that was abused gets a new password, or none",
    )


@check(points=3)
def nothing_planted_is_left(web: Host, values: Values) -> None:
    """Nothing that the intruder planted runs, starts by itself or gives away root's rights."""
    token = values.text("drop_token")
    require(
        web.ask(StraySetuid()) == 0,
        "a program that no package brought runs with its owner's rights, whoever starts it",
        hint="look for set-user-ID bits where they do not belong",
    )
    require(
        web.ask(Mentions(token, STARTED_FROM)) == 0,
        "something that the intruder planted still starts by itself",
        hint="timetables, services: what changed in the night of the break-in?",
    )
    require(
        web.ask(ProcessesWith(token)) == 0,
        "something that the intruder planted is still running",
        hint="taking a file away does not end what was started from it",
    )


# Viruses.


@check(points=3, survives_restart=True)
def scanner_knows_todays_viruses(web: Host, values: Values) -> None:
    """The virus scanner on the web server runs and knows today's signatures."""
    found = web.ask(Scanned(f"a letter\n{values.text('sample_mark')}\nwith kind regards\n"))
    require(
        found.running,
        "the scanner daemon on the web server does not answer",
        hint="clamdscan asks it; does it run?",
    )
    require(
        found.virus,
        "the scanner finds nothing in a sample that today's signatures know",
        hint="when were the signatures last fetched, and has the scanner read them since?",
    )


@check(points=1, survives_restart=True)
def signatures_are_kept_current(web: Host) -> None:
    """The service that fetches new signatures runs."""
    state = web.ask(UnitState("clamav-freshclam"))
    require(
        state == "active",
        f"the service clamav-freshclam is {state}",
        hint="fetched once by hand is out of date tomorrow",
    )


@check(points=3)
def infected_file_is_in_quarantine(outside: Host, web: Host, values: Values) -> None:
    """The infected file can no longer be downloaded; it is kept where only root can read it."""
    mark = values.text("virus_mark")
    # Asked first: of a server that does not answer it would take too long to ask for every page.
    page = outside.ask(Page(f"http://{web.address['servers']}/"))
    require(not page.problem, f"what the web site offers cannot be had at all: {page.problem}")
    require(
        outside.ask(PagesWith(_downloads(web, values), mark)) == 0,
        "an infected file can still be downloaded from the web site",
        hint="scan what the site offers",
    )
    require(
        web.ask(Mentions(mark, (QUARANTINE,))),
        f"the infected file is not in {QUARANTINE}",
        hint="it is wanted as evidence",
    )
    require(
        web.ask(Mentions(mark, (QUARANTINE,), user="www-data")) == 0,
        f"the web server's account can read the infected file in {QUARANTINE}",
        hint="look at who may enter the folder",
    )


@check(points=2)
def report_names_the_virus(ws: Host, values: Values) -> None:
    """The report names the infected file and the virus."""
    report = _report(ws)
    virus = values.text("virus")
    _require_entry(report, "Infected file", (f"/srv/www/uploads/{values.texts('uploads')[0]}",))
    _require_entry(report, "Virus", (virus, f"{virus}.UNOFFICIAL"))


def _expect(
    host: Host, whence: str, *, opens: Mapping[str, Door], shut: Mapping[str, Door]
) -> None:
    """All of `opens` can be reached from `host` and none of `shut`; one question for all."""
    reached = host.ask(TcpPorts((*opens.values(), *shut.values())))
    for what, door in opens.items():
        require(
            reached[door] is Reach.OPEN,
            f"{whence}, {what} (port {door[1]}) is {reached[door]}; the policy allows it",
            hint="also look at replies: they must find their way back",
        )
    for what, door in shut.items():
        require(
            reached[door] is not Reach.OPEN,
            f"{whence}, {what} (port {door[1]}) can be reached; the policy does not list it",
            hint="what the policy does not list is to be dropped or rejected",
        )


def _internet(outside: Host, numbers: str) -> str:
    """One or several of the addresses of the internet that `outside` speaks from."""
    return f"{outside.address['internet'].rpartition('.')[0]}.{numbers}"


def _guessers(outside: Host) -> str:
    """Addresses of the internet that passwords are guessed from: a ban may still be on one."""
    return _internet(outside, "193-207")


def _scanners(outside: Host) -> str:
    """Addresses of the internet that ports are scanned from: an alert on one may be fresh.

    Guesses come from others: they would count as knocks of a scan.
    """
    return _internet(outside, "208-223")


def _strangers(outside: Host) -> str:
    """Addresses of the internet that are `outside`'s and nobody's in particular."""
    return _internet(outside, "224-254")


def _intruder(
    outside: Host, web: Host, values: Values, *, key: str = "", password: str = ""
) -> Login:
    """What becomes of the intruder who comes back, from an address that nobody knows."""
    return outside.ask(
        SshLogin(
            web.address["servers"],
            _abused(values),
            values.number("ssh_port"),
            password=password,
            key=key,
            source=_strangers(outside),
        )
    )


def _abused(values: Values) -> str:
    """The account with which the intruder got in."""
    return values.people("staff")[values.number("victim")].login


def _supplier(web: Host, values: Values) -> SshLogin:
    person = values.person("supplier")
    return SshLogin(
        web.address["servers"],
        person.login,
        values.number("ssh_port"),
        password=person.password,
    )


def _downloads(web: Host, values: Values) -> tuple[str, ...]:
    """Every upload, in an order that says nothing about which one is infected."""
    folder = f"http://{web.address['servers']}/uploads"
    return tuple(f"{folder}/{name}" for name in sorted(values.texts("uploads")))


def _report(ws: Host) -> Report:
    report = ws.ask(ReportFile(REPORT))
    if report is None:
        raise Failure(f"there is no report {REPORT} on the workstation")
    require(not report.problem, f"the report cannot be read: {report.problem}")
    return report


def _require_entry(report: Report, key: str, accepted: tuple[str, ...]) -> None:
    found = report.value(key)
    require(found, f"the report does not say: {key}")
    require(
        found.casefold() in {one.casefold() for one in accepted},
        f"the report says {key}: {found}; what is on the server does not bear that out",
        hint="look at the evidence once more",
    )
