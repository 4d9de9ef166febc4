"""Addresses of stores and credentials for them, as people write them."""

from __future__ import annotations

import base64

import pytest

from runner.endpoint import store
from runner.errors import UsageError


def refused(address: str, environ: dict[str, str] | None = None) -> UsageError:
    """Why an address or the environment is not what it should be."""
    with pytest.raises(UsageError) as caught:
        store(address, environ or {})
    assert "\x1b" not in str(caught.value)
    assert caught.value.remedy
    return caught.value


@pytest.mark.parametrize(
    ("address", "statements"),
    [
        ("https://lrs.example/xapi/", "https://lrs.example/xapi/statements"),
        ("https://lrs.example/xapi", "https://lrs.example/xapi/statements"),
        ("https://lrs.example/xapi/statements", "https://lrs.example/xapi/statements"),
        ("https://lrs.example:8443", "https://lrs.example:8443/statements"),
        ("http://localhost:8080/xapi", "http://localhost:8080/xapi/statements"),
        ("http://127.0.0.7/", "http://127.0.0.7/statements"),
        ("http://[::1]:8080/", "http://[::1]:8080/statements"),
    ],
)
def test_addresses_that_are_taken(address: str, statements: str) -> None:
    assert store(address, {}).statements == statements


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("lrs.example", "is no address"),
        ("ftp://lrs.example/", "is no address"),
        ("file:///etc/passwd", "is no address"),
        ("https://", "is no address"),
        ("https://lrs.example:port/", "is no address"),
        ("https://[::1/", "is no address"),
        ("https://lrs example/", "is no address"),
        ("https://lrs.example/\x1b[31m", "is no address"),
        ("https://lrs.example/\r\nHost: x", "is no address"),
        ("https://lrs.example/" + "a" * 999, "is no address"),
        ("https://ada:secret@lrs.example/", "has credentials in it"),
        ("https://lrs.example/?key=secret", "has something behind its path"),
        ("http://lrs.example/", "in the clear"),
        ("http://localhost.example/", "in the clear"),
        ("http://192.0.2.1/", "in the clear"),
    ],
)
def test_addresses_that_are_not(address: str, said: str) -> None:
    assert said in str(refused(address))


def test_in_the_clear_where_it_is_asked_for() -> None:
    found = store("http://lrs.example/", {}, insecure=True)
    assert (found.endpoint, found.here) == ("http://lrs.example/", False)


def test_credentials() -> None:
    https = "https://lrs.example/"
    both = {"LAB_XAPI_USER": "ada", "LAB_XAPI_PASSWORD": "pass:wörd"}
    found = store(https, both)
    assert base64.b64decode(found.authorization.removeprefix("Basic ")).decode() == "ada:pass:wörd"
    assert "secret" not in repr(store(https, {"LAB_XAPI_AUTHORIZATION": "Bearer secret"}))
    assert store(https, {"LAB_XAPI_AUTHORIZATION": "Bearer x"}).authorization == "Bearer x"
    assert store(https, {}).authorization == ""
    for environ in (
        {"LAB_XAPI_USER": "ada"},
        {"LAB_XAPI_PASSWORD": "secret"},
        both | {"LAB_XAPI_AUTHORIZATION": "Bearer secret"},
        {"LAB_XAPI_AUTHORIZATION": "Bearer secret\r\nHost: x"},
        {"LAB_XAPI_AUTHORIZATION": "Bearer sécret"},
        {"LAB_XAPI_USER": "a:da", "LAB_XAPI_PASSWORD": "secret"},
        {"LAB_XAPI_USER": "ada", "LAB_XAPI_PASSWORD": "secret\n"},
    ):
        assert "secret" not in str(refused(https, environ))
