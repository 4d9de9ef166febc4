"""The lowest image from packages: whose mirror, which settings, and what is said when it fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from runner import bootstrap
from runner.engine import Engine
from runner.errors import ImageMissing
from tests.test_probe import NO_ENGINE

DEBIAN = """\
'http://mirror.test/debian/dists/bookworm/InRelease' mirror.test_debian_InRelease 0
'https://docker.test/linux/debian/dists/bookworm/InRelease' docker.test_InRelease 0
'http://mirror.test/debian/dists/bookworm-updates/InRelease' mirror.test_debian-u_InRelease 0
'http://security.test/debian-security/dists/bookworm-security/InRelease' s_InRelease 0
'http://mirror.test/debian/dists/bookworm/main/binary-amd64/Packages.xz' x 0
"""


def test_debian_is_made_from_the_mirror_that_this_machine_uses() -> None:
    assert bootstrap.sources(DEBIAN, "debian") == (
        "deb http://mirror.test/debian trixie main",
        "deb http://mirror.test/debian trixie-updates main",
        "deb http://security.test/debian-security trixie-security main",
    )


@pytest.mark.parametrize(
    ("printed", "distribution"),
    [(DEBIAN, "ubuntu"), ("", "debian"), (DEBIAN.replace("-updates", ""), "debian")],
)
def test_elsewhere_the_distributions_own_addresses_serve(printed: str, distribution: str) -> None:
    assert bootstrap.sources(printed, distribution) == ()


def test_only_settings_about_getting_packages_are_taken_over() -> None:
    dumped = """\
APT::Architecture "amd64";
Acquire::http::Proxy "http://proxy.test:3128";
Acquire::Check-Valid-Until "false";
Acquire::Languages "de";
Acquire::https::Verify-Peer "true";
DPkg::Post-Invoke:: "rm -rf /";
"""
    assert bootstrap.options(dumped) == (
        'Acquire::http::Proxy "http://proxy.test:3128";',
        'Acquire::Check-Valid-Until "false";',
        'Acquire::https::Verify-Peer "true";',
    )


def test_a_machine_without_the_tool_is_told_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ImageMissing, match="no registry answers") as caught:
        make(NO_ENGINE, [])
    assert caught.value.remedy == "sudo apt-get install mmdebstrap debian-archive-keyring"


@pytest.mark.skipif(not bootstrap.KEYRING.exists(), reason="needs Debian's keys")
def test_what_the_tool_says_is_passed_on_and_its_failure_is_ours(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tool = tmp_path / "mmdebstrap"
    # Without apt no mirror is known: Debian's own is asked, and shown Debian's own keys.
    tool.write_text(
        f"""#!/bin/sh
case "$*" in *--keyring={bootstrap.KEYRING}*) echo 'I: running apt-get update' ;; esac >&2
echo 'E: no' >&2
exit 25
"""
    )
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    said: list[str] = []
    with pytest.raises(ImageMissing, match="could not be made from packages"):
        make(NO_ENGINE, said)
    assert said == ["I: running apt-get update", "E: no"]


def make(engine: Engine, said: list[str]) -> None:
    bootstrap.bootstrap(engine, "lab-bootstrap:1", ["tini"], {"lab.image": "x"}, said.append)


def test_proxies_are_those_of_the_environment_or_else_of_apt(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tool = tmp_path / "apt-config"
    tool.write_text("#!/bin/sh\necho 'Acquire::http::Proxy \"http://127.0.0.1:3142/\";'\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in ("http_proxy", "https_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    assert bootstrap.proxies() == {"http_proxy": "http://127.0.0.1:3142/"}
    monkeypatch.setenv("https_proxy", "http://proxy.test:3128")
    assert bootstrap.proxies() == {"https_proxy": "http://proxy.test:3128"}
