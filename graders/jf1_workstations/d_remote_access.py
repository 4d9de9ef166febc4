"""Judges lab 1d: a VPN for home offices, key-only SSH through the gateway, and nothing besides."""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import TypeVar

from graders.facts.jump import Keyring, LoginBeyond, Passage, Passages, RunsCommands, WaysToLogIn
from graders.facts.listening import ListeningPorts
from graders.facts.names import Resolved
from graders.facts.network import Answer, Page, Reach, TcpPorts
from graders.facts.profiles import Kind, Profile, ProfileFile
from graders.facts.routes import CardTowards
from graders.facts.tunnels import Accepted, Through
from runner.check import check, require
from runner.errors import UnreadableOutput
from runner.host import Fact, Host
from runner.values import Values
from runner.verdict import Failure

T = TypeVar("T")

HANDOVER = "/root/handover"
SSH, DNS, HTTP = 22, 53, 80
MOMENT = 1
"""For so many seconds a server may be away that reads its settings anew; a guard waits longer."""
SILENCE = 2
"""After so many seconds a name server says nothing; an answer takes hundredths of one."""
ELSEWHERE = "192.0.2.80"
"""An address that stands for the rest of the internet (reserved for documentation)."""
TUNNELLED = ("*: file /run/tunnel.lock", "*: file /run/wireguard")
"""What stays of a tunnel that was closed again: a lock, an empty folder."""


@check(guard=True)
def office_uses_the_gateway(intranet: Host, gateway: Host, values: Values) -> None:
    """The office still gets names and the status page from its gateway."""
    address = gateway.address["office"]
    name = f"intranet.{values.company().domain}"
    found = intranet.ask(Resolved(name, server=address))
    require(
        found == (intranet.address["office"],),
        f"asked for {name}, the gateway's name server said {', '.join(found) or 'nothing'}",
        hint="what is shut for the internet need not be shut for the office",
    )
    page = intranet.ask(Page(f"http://{address}:{values.number('status_port')}/"))
    require(
        values.company().name in page.body,
        f"the office does not see the gateway's status page: {_said(page)}",
        hint="what is shut for the internet need not be shut for the office",
    )


@check(guard=True)
def office_reaches_the_internet(intranet: Host, stranger: Host) -> None:
    """Whoever sits in the office still gets to web sites outside."""
    page = intranet.ask(Page(f"http://{stranger.address['internet']}/"))
    require(
        page.status == 200,  # noqa: PLR2004
        f"a web site outside cannot be seen from the office: {_said(page)}",
        hint="which way do connections begin, and which way do their answers come back?",
    )


@check(guard=True, within=2 * MOMENT)
def administrator_gets_in(ws: Host, gateway: Host, values: Values) -> None:
    """From the workstation, the administrator's account on the gateway opens with its key."""
    keyring = Keyring(gateway.address["office"], values.text("admin"), "/root/.ssh/id_ed25519")
    require(
        ws.ask(RunsCommands(keyring)),
        f"{keyring.user} cannot work on the gateway from the workstation any more",
        hint="./lab shell gateway still gets you there",
    )


@check(guard=True, survives_restart=True, within=2, leaves=TUNNELLED)
def colleague_keeps_the_vpn(laptop: Host, ws: Host, values: Values) -> None:
    """The colleague at home reaches the intranet, with the old profile or a new one."""
    device = values.text("kept")
    handed_over = _handed_over(ws, device)
    profile = handed_over[0] if handed_over else _kept_on(laptop, "kept", device)
    page = _through(laptop, profile, Page(_intranet(values)), device)
    require(
        values.text("intranet_mark") in page.body,
        f"{device} has a tunnel, but does not see the intranet: {_said(page)}",
        hint="does the tunnel know the way, does the gateway let it through, and back again?",
    )


@check(guard=True, within=2 * MOMENT)
def colleague_keeps_ssh(laptop: Host, gateway: Host, intranet: Host, values: Values) -> None:
    """The colleague at home logs in on the intranet server by way of the gateway."""
    _lands(laptop, gateway, intranet, values, owner="colleague", folder="kept")


@check(points=3, survives_restart=True, within=2, leaves=TUNNELLED)
def new_laptop_reaches_the_intranet(laptop: Host, ws: Host, intranet: Host, values: Values) -> None:
    """With the profile that was handed over, the new laptop reaches the intranet server."""
    device = values.text("fresh")
    profile = _only_profile(ws, device)
    page = _through(laptop, profile, Page(_intranet(values)), device)
    require(
        values.text("intranet_mark") in page.body,
        f"{device} has a tunnel, but does not see {_intranet(values)}: {_said(page)}",
        hint="does the tunnel know the way, does the gateway let it through, and back again?",
    )
    door = (intranet.address["office"], SSH)
    reach = _through(laptop, profile, TcpPorts((door,)), device)[door]
    require(
        reach is Reach.OPEN,
        f"{device} has a tunnel, but the intranet server's SSH is {reach.value} through it",
    )


@check(points=3, after=new_laptop_reaches_the_intranet, survives_restart=True, leaves=TUNNELLED)
def tunnel_leads_to_the_intranet_only(
    laptop: Host, ws: Host, gateway: Host, intranet: Host, values: Values
) -> None:
    """Out of the tunnel nothing but the intranet server is reached, whatever a laptop tries."""
    own = (intranet.address["office"], HTTP)
    others = {
        "the payroll server": (_payroll(intranet, values), HTTP),
        "your workstation": (ws.address["office"], SSH),
        "the gateway's status page": (gateway.address["office"], values.number("status_port")),
    }
    device = values.text("fresh")
    # What the profile sends into the tunnel is up to whoever holds the laptop.
    office = IPv4Network(f"{own[0]}/24", strict=False)
    ports = TcpPorts((own, *others.values()))
    found = _through(laptop, _only_profile(ws, device), ports, device, also=office)
    require(found[own] is Reach.OPEN, f"the intranet server is {found[own].value} by now")
    seen = [what for what, door in others.items() if found[door] is Reach.OPEN]
    require(
        not seen,
        f"through its tunnel {device} also reaches {', '.join(seen)}",
        hint="what comes out of the tunnel is not the office",
    )


@check(points=1, after=new_laptop_reaches_the_intranet, leaves=TUNNELLED)
def other_traffic_stays_out(laptop: Host, ws: Host, values: Values) -> None:
    """What a laptop does elsewhere on the internet does not go through the tunnel."""
    device = values.text("fresh")
    card = _through(laptop, _only_profile(ws, device), CardTowards(ELSEWHERE), device)
    require(
        card.startswith("eth"),
        f"with the profile of {device}, traffic for the rest of the internet enters the tunnel",
        hint="the profile says what the tunnel is for",
    )


@check(points=3, after=new_laptop_reaches_the_intranet, survives_restart=True, leaves=TUNNELLED)
def stolen_laptop_gets_no_tunnel(stranger: Host, values: Values) -> None:
    """The stolen laptop's profile opens no tunnel any more."""
    device = values.text("stolen")
    require(
        not stranger.ask(Accepted(_kept_on(stranger, "stolen", device))).up,
        f"with the profile of {device}, a stranger still gets a tunnel to the gateway",
        hint="what does the server know its devices by, and where does it read that?",
    )


@check(points=2, after=new_laptop_reaches_the_intranet, survives_restart=True, leaves=TUNNELLED)
def revoked_laptop_gets_no_tunnel(stranger: Host, ws: Host, values: Values) -> None:
    """The loan laptop has a profile of its own for the same VPN, and is refused with it."""
    device, other = values.text("loan"), values.text("fresh")
    profile, theirs = _only_profile(ws, device), _only_profile(ws, other)
    require(
        profile.kind is theirs.kind and profile.server and profile.server == theirs.server,
        f"the profile of {device} is not for the VPN that {other} uses",
        hint="it is to be a profile that would work, had it not been revoked",
    )
    require(
        profile.identity and profile.identity != theirs.identity,
        f"the profiles of {device} and {other} do not differ in who they are for",
        hint="one device must be revocable without the other",
    )
    require(
        not stranger.ask(Accepted(profile)).up,
        f"{device} was to be revoked, but its profile still opens a tunnel",
        hint="to revoke is one thing, to tell the server another",
    )


@check(points=3, within=MOMENT)
def stolen_key_opens_nothing(stranger: Host, gateway: Host, intranet: Host, values: Values) -> None:
    """The SSH key on the stolen laptop opens no account of the gateway."""
    accounts = ("root", values.text("admin"), values.text("jump"), values.person("owner").login)
    for account in accounts:
        passage = _asked_as(stranger, gateway, intranet, account, "/root/stolen/id_ed25519")
        require(
            passage is Passage.REFUSED,
            f"the stolen laptop's key still opens the account {account} on the gateway",
            hint="a key is what stands in its middle column, not what is written behind it",
        )


@check(points=3, survives_restart=True, within=MOMENT)
def keys_only(stranger: Host, intranet: Host, gateway: Host, values: Values) -> None:
    """The gateway's SSH takes keys only: it asks nobody for a password, wherever they are."""
    admin = values.text("admin")
    accounts = ("root", admin, values.text("jump"), values.person("owner").login)
    askers = [(stranger, "internet", user) for user in accounts] + [(intranet, "office", admin)]
    for asker, network, user in askers:
        ways = asker.ask(WaysToLogIn(gateway.address[network], user))
        require(ways, f"no SSH server answers at the gateway's address in the {network} network")
        require(
            ways == {"publickey"},
            f"from the {network} network, {user} may log in on the gateway by "
            f"{', '.join(sorted(ways - {'publickey'})) or 'nothing at all'}",
            hint="several files have a say in this; sshd -T shows what came of it",
        )


@check(points=2, within=MOMENT)
def only_the_jump_account_from_outside(
    laptop: Host, gateway: Host, intranet: Host, values: Values
) -> None:
    """From the internet only the jump account logs in on the gateway: not even root with a key."""
    for account, key in ((values.text("admin"), "office"), ("root", "kept")):
        passage = _asked_as(laptop, gateway, intranet, account, f"/root/{key}/id_ed25519")
        require(
            passage is Passage.REFUSED,
            f"with a good key, {account} logs in on the gateway from the internet",
            hint="SSH can be told who may come from where",
        )


@check(points=3, survives_restart=True, within=MOMENT)
def new_laptop_jumps_to_the_intranet(
    laptop: Host, gateway: Host, intranet: Host, values: Values
) -> None:
    """With its own key, the new laptop logs in on the intranet server by way of the gateway."""
    _lands(laptop, gateway, intranet, values, owner="owner", folder="fresh")


@check(points=3, after=new_laptop_jumps_to_the_intranet, survives_restart=True)
def jump_account_leads_nowhere_else(
    laptop: Host, ws: Host, gateway: Host, intranet: Host, values: Values
) -> None:
    """The jump account runs no commands and leads to the intranet server's SSH alone."""
    others = {
        "the intranet server's web page": (intranet.address["office"], HTTP),
        "the payroll server": (_payroll(intranet, values), HTTP),
        "your workstation": (ws.address["office"], SSH),
        "the gateway's status page": ("127.0.0.1", values.number("status_port")),
    }
    for device in ("fresh", "kept"):
        keyring = _keyring(gateway, values.text("jump"), f"/root/{device}/id_ed25519")
        whose = f"with the key of {values.text(device)}, the account {keyring.user}"
        require(
            not laptop.ask(RunsCommands(keyring)),
            f"{whose} runs commands on the gateway",
            hint="who only passes through needs no shell",
        )
        found = laptop.ask(Passages(keyring, tuple(others.values())))
        seen = [what for what, door in others.items() if found[door] is Passage.OPEN]
        require(
            not seen,
            f"{whose} also leads to {', '.join(seen)}",
            hint="forwarding can be limited to one address and port",
        )


@check(points=3, survives_restart=True)
def outside_sees_ssh_and_vpn_only(stranger: Host, gateway: Host, values: Values) -> None:
    """From the internet the gateway shows SSH and the VPN, and none of its other services."""
    address = gateway.address["internet"]
    ports = gateway.ask(ListeningPorts()) | {SSH, DNS, HTTP, 443, values.number("status_port")}
    found = stranger.ask(TcpPorts(tuple((address, port) for port in sorted(ports))))
    seen = [str(port) for (_, port), reach in found.items() if reach is Reach.OPEN and port != SSH]
    require(
        not seen,
        f"from the internet the gateway also answers at TCP {', '.join(seen)}",
        hint="which services are meant for the office?",
    )
    require(
        found[address, SSH] is Reach.OPEN,
        f"from the internet the gateway's SSH is {found[address, SSH].value}",
    )


@check(points=1, survives_restart=True)
def names_stay_inside(stranger: Host, gateway: Host, values: Values) -> None:
    """The gateway's name server tells nobody on the internet the office's addresses."""
    name = f"intranet.{values.company().domain}"
    found = stranger.ask(Resolved(name, server=gateway.address["internet"], wait=SILENCE))
    require(
        not found,
        f"a stranger on the internet asks the gateway for {name} and hears {', '.join(found)}",
        hint="names are asked for by UDP",
    )


@check(points=3, survives_restart=True)
def office_is_shut_to_the_outside(
    stranger: Host, gateway: Host, intranet: Host, ws: Host, values: Values
) -> None:
    """Without the VPN, nothing in the office can be reached from the internet."""
    front = (gateway.address["internet"], SSH)
    office = {
        "the intranet server's web page": (intranet.address["office"], HTTP),
        "the intranet server's SSH": (intranet.address["office"], SSH),
        "the payroll server": (_payroll(intranet, values), HTTP),
        "your workstation": (ws.address["office"], SSH),
    }
    found = stranger.ask(TcpPorts((front, *office.values())))
    seen = [what for what, door in office.items() if found[door] is Reach.OPEN]
    require(
        not seen,
        f"a stranger on the internet reaches {', '.join(seen)}, without any tunnel",
        hint="the gateway passes on what it was not told to hold back",
    )
    require(found[front] is Reach.OPEN, f"to a stranger the gateway's SSH is {found[front].value}")


def _handed_over(ws: Host, device: str) -> list[Profile]:
    """The profiles for `device` that lie on the workstation."""
    found = (ws.ask(ProfileFile(HANDOVER, device, kind)) for kind in Kind)
    return [profile for profile in found if profile is not None]


def _kept_on(host: Host, folder: str, device: str) -> Profile:
    """The profile that `device` has had from the start."""
    profile = host.ask(ProfileFile(f"/root/{folder}", device, Kind.WIREGUARD))
    if profile is None:
        raise UnreadableOutput(f"{host.name} has no profile of {device}")
    return profile


def _only_profile(ws: Host, device: str) -> Profile:
    """The one profile that was handed over for `device`."""
    found = _handed_over(ws, device)
    names = " or ".join(f"{device}.{kind}" for kind in Kind)
    require(
        found,
        f"there is no profile for {device} in {HANDOVER} on the workstation ({names})",
        hint="the name of the file is the device's, in small letters",
    )
    require(len(found) == 1, f"there are two profiles for {device}; the laptop takes one: {names}")
    return found[0]


def _through(
    laptop: Host,
    profile: Profile,
    question: Fact[T],
    device: str,
    also: IPv4Network | None = None,
) -> T:
    """What `device` sees through its tunnel."""
    tunnel = laptop.ask(Through(profile, question, also=also))
    if not tunnel.up or tunnel.answer is None:
        raise Failure(
            f"the tunnel of {device} does not come up: {tunnel.problem}",
            hint="a laptop has nothing of the office but this one file",
        )
    return tunnel.answer


def _asked_as(asker: Host, gateway: Host, intranet: Host, account: str, key: str) -> Passage:
    """What the gateway does, seen from the internet, when `account` asks for the intranet."""
    door = (intranet.address["office"], SSH)
    passage = asker.ask(Passages(_keyring(gateway, account, key), (door,)))[door]
    require(
        passage is not Passage.UNREACHABLE,
        "no SSH server answers at the gateway's address on the internet",
    )
    return passage


def _lands(
    laptop: Host, gateway: Host, intranet: Host, values: Values, *, owner: str, folder: str
) -> None:
    keyring = _keyring(gateway, values.text("jump"), f"/root/{folder}/id_ed25519")
    login = values.person(owner).login
    landing = laptop.ask(LoginBeyond(keyring, login, intranet.address["office"]))
    require(
        landing.arrived,
        f"by way of {keyring.user} on the gateway, {login} does not get to the intranet server: "
        f"{landing.problem}",
        hint="which key, which account, and to where is it let through?",
    )


def _keyring(gateway: Host, account: str, key: str) -> Keyring:
    return Keyring(gateway.address["internet"], account, key)


def _intranet(values: Values) -> str:
    return f"http://intranet.{values.company().domain}/"


def _payroll(intranet: Host, values: Values) -> str:
    network, _, _ = intranet.address["office"].rpartition(".")
    return f"{network}.{values.number('payroll_number')}"


def _said(page: Answer) -> str:
    return page.problem or f"the answer is {page.status}"
