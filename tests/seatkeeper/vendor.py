"""A vendor of ours: it signs licences as a real one would."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import date
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from infra.images.licences.seatkeeper.licence import Licence

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()
HOST_ID = "9-4F3A21C7"
TODAY = date(2026, 3, 1)


def licence(feature: str = "drafter", seats: int = 3, **other: str | date) -> Licence:
    """A licence that counts today, signed; `other` fields as given."""
    bare = Licence(
        feature=feature,
        version="4",
        seats=seats,
        start=date(2026, 1, 1),
        expires=date(2026, 12, 31),
        serial="T-1",
        vendor="tessella",
        host_id=HOST_ID,
    )
    bare = replace(bare, **other)  # type: ignore[arg-type]
    return replace(bare, sign=KEY.sign(bare.signed))


def text(*licences: Licence) -> str:
    """A licence file."""
    first = licences[0]
    lines = [f"SERVER licences HOSTID={first.host_id}", f"VENDOR {first.vendor}"]
    lines += [
        f"FEATURE {one.feature} VERSION={one.version} SEATS={one.seats} START={one.start} "
        f"EXPIRES={one.expires} SERIAL={one.serial} SIGN={base64.b64encode(one.sign).decode()}"
        for one in licences
    ]
    return "\n".join(lines) + "\n"


def shelf(folder: Path, **files: str) -> tuple[Path, Path]:
    """A folder of licence files and one of vendors' keys."""
    licences, vendors = folder / "licences.d", folder / "vendors"
    licences.mkdir(exist_ok=True)
    vendors.mkdir(exist_ok=True)
    (vendors / "tessella.pub").write_text(base64.b64encode(PUBLIC).decode() + "\n")
    for name, content in files.items():
        (licences / f"{name}.lic").write_text(content)
    return licences, vendors
