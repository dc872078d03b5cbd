"""Writes messages into a folder: `<folder>/<address>/<key>.html` and `.txt`; writing again replaces."""

from __future__ import annotations

import base64
import os
import re
from dataclasses import dataclass
from pathlib import Path

from cynosure.deliver.channels import Channel, ChannelKind
from cynosure.deliver.errors import Refused, RetryLater
from cynosure.deliver.message import Outgoing
from cynosure.document import Rendered
from cynosure.settings.channels import Channels

_ADDRESS = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")


@dataclass(frozen=True)
class Folder:
    """A folder on this machine."""

    root: Path

    def send(self, outgoing: Outgoing) -> str:
        """Writes page and text; returns the path of the page within the folder."""
        if not _ADDRESS.fullmatch(outgoing.address):
            raise Refused(f"{outgoing.address!r} is no folder name; use lower-case letters, digits, - and _")
        slug = re.sub(r"[^a-z0-9]+", "-", outgoing.message.key.lower()).strip("-")[:60]
        target = self.root / outgoing.address / f"{slug}-{outgoing.fingerprint[:8]}"
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            _replace(target.with_suffix(".txt"), outgoing.message.bodies["text"].body)
            _replace(target.with_suffix(".html"), _page(outgoing.message.bodies["html"]))
        except OSError as error:
            raise RetryLater(f"cannot write to the folder: {error.strerror}") from None
        return f"{outgoing.address}/{target.name}.html"

    def find(self, outgoing: Outgoing) -> str:
        """Nothing: writing again is harmless."""
        return ""


def _page(rendered: Rendered) -> str:
    page = rendered.body
    for image in rendered.images:
        data = base64.b64encode(image.png).decode()
        page = page.replace(f'"cid:{image.name}"', f'"data:image/png;base64,{data}"')
    return page


def _replace(path: Path, text: str) -> None:
    partial = path.with_suffix(path.suffix + f".{os.getpid()}.tmp")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)


def _open(settings: Channels) -> Channel:
    return Folder(settings.folder)


CHANNEL = ChannelKind("file", ("html", "text"), _open)
