"""The fingerprint of a graded world: alike where nothing was changed, another where something was.

Folders that no program of the trial world writes to are looked at, so nothing depends on chance.
"""

from __future__ import annotations

from typing import Any

import pytest

from runner import imprint
from runner.engine import Engine
from runner.errors import LabError
from runner.lines import Lines
from tests.trial import inside, world

pytestmark = pytest.mark.engine


def test_what_is_changed_in_a_host_changes_its_fingerprint(there: Engine) -> None:
    with world(there, "9a", "imprint") as work, Lines(there) as lines:

        def looked() -> dict[str, Any]:
            found = imprint.take(there, work, lines)
            return {one["host"]: one for one in found["hosts"]}

        hosts = looked()
        assert set(hosts["web"]) == {"host", "image", "image_id", "configuration", "files"}
        assert set(hosts["client"]) == {"host", "image", "image_id", "configuration"}
        assert hosts["web"]["image_id"] == hosts["client"]["image_id"]
        assert hosts["web"]["configuration"] != hosts["client"]["configuration"]
        seen = {hosts["web"]["files"]}
        for change in (
            "echo one > /srv/a",
            "echo two > /srv/a",
            "chmod 600 /srv/a",
            "chown 7 /srv/a",
            "mv /srv/a '/srv/a \n b'",
            "ln -s /etc/motd /srv/link",
            "echo '#' >> /usr/bin/ldd",
            "rm /usr/bin/ldd",
        ):
            inside(there, work, "web", change)
            now = looked()
            assert now["web"]["files"] not in seen, change
            seen.add(now["web"]["files"])
            assert now["client"] == hosts["client"]
        before = looked()
        inside(there, work, "web", "echo x > /tmp/x; echo x > /var/log/x; echo x > /run/x")
        assert looked() == before
        there.api.stop(work.session.container("web").id, timeout=0)
        lines.drop()
        with pytest.raises(LabError) as caught:
            looked()
        assert "web" in imprint.unseen(caught.value)["unseen"]
