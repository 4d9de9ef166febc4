"""Where a learning record store is, and who we are to it: as an address and the environment say."""

from __future__ import annotations

import os
from base64 import b64encode
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import urlsplit

from runner.errors import UsageError
from runner.printable import one_line

USER, PASSWORD = "LAB_XAPI_USER", "LAB_XAPI_PASSWORD"
AUTHORIZATION = "LAB_XAPI_AUTHORIZATION"
PATIENCE = 30.0
"""Seconds that a store has for each step of an answer, and for the whole of its text."""

_LONGEST = 500


@dataclass(frozen=True, slots=True)
class Store:
    """Where statements are sent to; `authorization` is the header that says who sends them."""

    endpoint: str
    authorization: str = field(default="", repr=False)
    patience: float = PATIENCE

    @property
    def statements(self) -> str:
        """The address that takes statements."""
        return f"{self.endpoint}statements"

    @property
    def here(self) -> bool:
        """It is on this machine."""
        return _is_here(urlsplit(self.endpoint).hostname or "")


def store(
    address: str, environ: Mapping[str, str] = os.environ, *, insecure: bool = False
) -> Store:
    """The store at an address, with the credentials of the environment; UsageError."""
    return Store(_endpoint(address, insecure=insecure), _authorization(environ))


def _endpoint(address: str, *, insecure: bool) -> str:
    """The address below which `statements` lies, with its `/`."""
    shown = one_line(address, 80)
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        host = ""
    fit = len(address) <= _LONGEST and address.isascii() and address.isprintable()
    if not host or not fit or " " in address or parts.scheme not in {"http", "https"}:
        raise UsageError(
            f"--xapi-endpoint {shown!r} is no address of a learning record store.",
            remedy="Such as https://lrs.example/xapi/: `statements` lies below it.",
        )
    if "@" in parts.netloc:
        raise UsageError(
            "--xapi-endpoint has credentials in it, which others can read there.",
            remedy=f"{USER} and {PASSWORD} in the environment say them, or {AUTHORIZATION}.",
        )
    if parts.query or parts.fragment:
        raise UsageError(
            f"--xapi-endpoint {shown!r} has something behind its path.",
            remedy="Leave out what begins with ? or #.",
        )
    if parts.scheme == "http" and not _is_here(host) and not insecure:
        raise UsageError(
            f"--xapi-endpoint {shown!r} would send names and credentials in the clear.",
            remedy="Name an address with https; --xapi-insecure sends all the same.",
        )
    path = parts.path.rstrip("/").removesuffix("/statements")
    return f"{parts.scheme}://{parts.netloc}{path}/"


def _is_here(host: str) -> bool:
    with suppress(ValueError):
        return ip_address(host).is_loopback
    return host == "localhost"


def _authorization(environ: Mapping[str, str]) -> str:
    user, password, whole = (environ.get(one, "") for one in (USER, PASSWORD, AUTHORIZATION))
    if whole and (user or password):
        raise UsageError(
            f"{AUTHORIZATION} and {USER} are both set.", remedy="Set only one of the two."
        )
    if bool(user) != bool(password):
        raise UsageError(f"Of {USER} and {PASSWORD} only one is set.", remedy="Set both.")
    if not (whole.isascii() and (whole + user + password + " ").isprintable()) or ":" in user:
        raise UsageError(
            "The credentials for the store have characters in them that cannot be sent.",
            remedy=f"See {USER}, {PASSWORD} and {AUTHORIZATION} in the environment.",
        )
    if user:
        return "Basic " + b64encode(f"{user}:{password}".encode()).decode()
    return whole
