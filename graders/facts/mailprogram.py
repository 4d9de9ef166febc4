"""What a mail program does, as Python that runs on a PC of the office (IMAP)."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from typing import Any

from graders.facts.post import Login, Said
from runner.errors import UnreadableOutput
from runner.host import Reply

PATIENCE = 10
"""Seconds for a mail to arrive; it takes a fraction of one of them."""

SAID = {
    "yes": Said.YES,
    "no login": Said.NO_LOGIN,
    "closed": Said.REFUSED,
    "silent": Said.SILENT,
}

# Whether the server is who it says is for its clients to see to. Each login costs the server a
# process, so a mailbox that was opened stays open until the program ends or the server hangs up.
_PRELUDE = r"""
import hashlib, imaplib, json, re, ssl, sys, time

asked = json.load(sys.stdin)
WAIT = 8
tls = ssl.create_default_context()
tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE
boxes = {}


class Closed(Exception):
    pass


class NoLogin(Exception):
    pass


def opened(login):
    name, password = login["name"], login["password"]
    if name not in boxes:
        box = imaplib.IMAP4_SSL(asked["server"], ssl_context=tls, timeout=WAIT)
        try:
            box.login(name, password)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:
            raise NoLogin if "AUTHENTICATIONFAILED" in str(error) else Closed(str(error))
        boxes[name] = box
    return boxes[name]


def entered(box, folder, readonly=True):
    try:
        return box.select(folder, readonly)[0] == "OK"
    except imaplib.IMAP4.readonly:
        return False


def found(box, *words):
    status, numbers = box.uid("SEARCH", *words)
    if status != "OK":
        raise Closed(str(numbers))
    return numbers[0].split()


def removed(box, numbers):
    for number in numbers:
        box.uid("STORE", number, "+FLAGS.SILENT", r"(\Deleted)")
    box.expunge()


def said(work):
    try:
        work()
    except NoLogin:
        return {"said": "no login"}
    except Closed as error:
        return {"said": "closed", "problem": str(error)}
    except imaplib.IMAP4.abort as error:
        return {"said": "silent", "problem": str(error)}
    except imaplib.IMAP4.error as error:
        return {"said": "problem", "problem": str(error)}
    except OSError as error:
        return {"said": "silent", "problem": str(error)}
    return {"said": "yes"}


def told(**answer):
    print(json.dumps(answer))
    for box in boxes.values():
        said(box.logout)
"""


def program(text: str) -> str:
    """The command that runs `text` with what stands above it."""
    return shlex.join(["python3", "-c", _PRELUDE + text])


def asked(server: str, **words: object) -> bytes:
    """What a program is told."""
    return json.dumps({"server": server, **words}).encode()


def answered(reply: Reply) -> dict[str, Any]:
    """What it says; UnreadableOutput if that is not what was asked."""
    try:
        found = json.loads(reply.stdout)
    except ValueError as error:
        raise UnreadableOutput(f"a mail program ended with {reply.text[-300:]!r}") from error
    if not isinstance(found, dict):
        raise UnreadableOutput(f"a mail program says {str(found)[:300]!r}")
    return found


def said(answer: Mapping[str, Any]) -> Said:
    """How the server took it; UnreadableOutput if the program did not understand the server."""
    if answer.get("said") not in SAID:
        raise UnreadableOutput(f"a mail program met with {str(answer)[-300:]!r}")
    return SAID[answer["said"]]


def spelt(login: Login) -> dict[str, str]:
    """As the programs read it."""
    return {"name": login.name, "password": login.password}
