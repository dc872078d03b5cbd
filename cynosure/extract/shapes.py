"""Makes msgspec know every Struct before threads decode with it."""

from __future__ import annotations

import msgspec


def learn_shapes(*packages: str) -> None:
    """Learns every Struct that modules of these top-level packages have defined so far.

    msgspec learns what a Struct is made of when it is first used. If it holds another Struct, a second thread may use it
    meanwhile, half learned, and the process ends with a segmentation fault (msgspec 0.22.0).
    """
    kinds: list[type] = [msgspec.Struct]
    while kinds:
        for kind in kinds.pop().__subclasses__():
            kinds.append(kind)
            if kind.__module__.partition(".")[0] in packages:
                msgspec.json.Decoder(kind)
