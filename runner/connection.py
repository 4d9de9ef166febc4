"""The door to the hosts: a shell over SSH that the apprentice can neither cut nor lock.

The caller starts `SERVER_ARGV` inside the host through the engine and hands the process's stdin
and stdout here as a `Stream`. Everything else travels over that stream: first `greeting`, a few
lines that tell the host's `sh` how to run `sshd -i` with keys made for this one connection, then
SSH. Nothing is placed in the host, so there is nothing to delete, to alter or to read: the server
takes its configuration and host key from pipes and the client's key from an argument of its key
command; the private client key never leaves this process. Both sides' keys come over the engine's
channel, which is what makes pinning the host key sound; none needs to outlive the connection.

What the server still takes from the host is `/bin/sh`, `/usr/sbin/sshd`, `/bin/echo`, the
accounts' lines in `/etc/passwd` and `/etc/shadow`, and the folder `/run/sshd`, which is made if
it is missing because sshd does not run without it. If one of them is broken the host is
`HostUnreachable`. A locked account (`passwd -l root`) gets in by way of PAM, which does not mind.
Against a root who replaces those programs by ones that lie, no way of asking helps.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from typing import Protocol

from runner.host import Connection, Reply

__all__ = [
    "SERVER_ARGV",
    "SERVER_CONFIG",
    "Connection",
    "Identity",
    "Reply",
    "Stream",
    "greeting",
    "new_identity",
]

SERVER_ARGV = (
    "/bin/sh",
    "-c",
    's=; while IFS= read -r l && [ -n "$l" ]; do s="$s$l\n"; done; eval "$s"',
)
"""What the engine runs in the host, as root, without a terminal, stdin and both outputs attached.

It is short because every account of the host can see it: it reads lines until an empty one and
runs them. `read` takes not one byte more than that, so SSH may follow at once.
"""

SERVER_CONFIG = """\
HostKey /proc/$$/fd/3
AuthorizedKeysFile none
AuthorizedKeysCommand /bin/echo ssh-ed25519 {client}
AuthorizedKeysCommandUser root
AuthenticationMethods publickey
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
UsePAM $pam
PermitUserRC no
StrictModes no
SetEnv SHLVL=1
MaxSessions 50
UseDNS no
PrintMotd no
PrintLastLog no
X11Forwarding no
AllowTcpForwarding no
AllowAgentForwarding no
Ciphers aes128-gcm@openssh.com,aes128-ctr
KexAlgorithms curve25519-sha256@libssh.org,curve25519-sha256
ClientAliveInterval 15
ClientAliveCountMax 4
LogLevel INFO
"""
"""The out-of-band server's configuration. `SHLVL` keeps a login bash from reading ~/.bashrc."""

_SCRIPT = """\
PATH=/usr/sbin:/usr/bin:/sbin:/bin
export PATH
[ -d /run/sshd ] || mkdir -p -m 755 /run/sshd
pam=no
while IFS=: read -r name word rest; do
if [ "$name" = {user} ]; then case $word in !*) pam='yes
PAMServiceName runuser';; esac; break; fi
done </etc/shadow
exec 3<<KEY 4<<CONFIG
-----BEGIN OPENSSH PRIVATE KEY-----
{host}
-----END OPENSSH PRIVATE KEY-----
KEY
{config}CONFIG
/usr/sbin/sshd -i -e -f /proc/$$/fd/4

"""


class Stream(Protocol):
    """The stdin and stdout of `SERVER_ARGV` in a host."""

    @property
    def closed(self) -> bool:
        """Whether it was closed on this side."""

    @property
    def complaints(self) -> str:
        """What the process last wrote to stderr, bounded: the reason if no server answers."""

    def send(self, data: bytes) -> int:
        """Write some of the bytes and say how many; TimeoutError as set."""

    def recv(self, size: int) -> bytes:
        """Read at most `size` bytes; none at the end; TimeoutError as set."""

    def settimeout(self, seconds: float | None) -> None:
        """Say how long one `send` or `recv` may take."""

    def close(self) -> None:
        """End it; a `recv` that waits in another thread returns."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Both ends' keys of one connection: private as PEM, public as base64 of the ed25519 blob."""

    client: str
    client_private: str = field(repr=False)
    host: str
    host_private: str = field(repr=False)


def new_identity() -> Identity:
    """Make the keys of one connection (0.3 ms); they are worthless once it is closed."""
    client, client_private = _key()
    host, host_private = _key()
    return Identity(
        client=client, client_private=client_private, host=host, host_private=host_private
    )


def greeting(identity: Identity, *, user: str = "root") -> bytes:
    """What is sent ahead of SSH: starts a server that lets this client in as `user`."""
    lines = identity.host_private.strip().splitlines()
    return _SCRIPT.format(
        user=shlex.quote(user),
        host="\n".join(lines[1:-1]),
        config=SERVER_CONFIG.format(client=identity.client),
    ).encode()


def _key() -> tuple[str, str]:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.OpenSSH,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
    )
    return public.split()[1].decode(), private.decode()
