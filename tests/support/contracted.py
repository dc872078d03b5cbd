"""Any connector beside the simulated vendor of its name: what the contract suite needs of both, the same for every source."""

from __future__ import annotations

import base64
import importlib
import json
import pkgutil
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import zstandard
from landed_state import objects_landed
from pydantic import SecretStr
from reader import Reader, Waits
from simulated import simulated

from cynosure.extract import Connector, Stream, connector_class

# parameters with which a list is asked to go on
_GOING_ON = ("starting_after", "after", "page[after]", "cursor", "page", "scroll_param", "locator")
MINUTE, YEAR = 60, 365 * 86_400
# few objects a page, so that a tiny company fills several
SMALL_PAGE = 10
_PAGE_CONSTANT = re.compile(r"PAGE_SIZE|PAGE|[A-Z]+_PAGE")

T = TypeVar("T")
State = dict[str, dict[str, Any]]


@dataclass
class Account(Reader):
    """One account at a vendor, its connector, and what a test does to both."""

    name: str
    kind: type[Connector]
    vendor: Any
    faults: Any
    log: Any
    url: str
    on_server: Callable[[Callable[[], Any]], Any]
    advance: Callable[[int], None]
    waits: Waits = field(default_factory=Waits)
    _clean: tuple[State, int] | None = None

    @property
    def within(self) -> dict[str, str]:
        """Faults strike this vendor alone."""
        return {"vendor": self.name}

    @property
    def streams(self) -> dict[str, Stream]:
        """The streams of the connector by name."""
        return {stream.name: stream for stream in self.kind.streams}

    @property
    def connection(self) -> dict[str, str]:
        """Settings that may read everything."""
        return dict(self.vendor.connection(self.url))

    @property
    def secrets(self) -> dict[str, str]:
        """The settings that nobody may see."""
        fields = self.kind.settings_model.model_fields
        return {name: value for name, value in self.connection.items() if SecretStr in _types(fields[name].annotation)}

    def landed(self, folder: Path) -> State:
        """Per stream, id -> body of everything that lives by the landing log."""
        return {name: objects_landed(folder, name, source=self.name) for name in self.streams}

    def truth(self) -> dict[str, dict[str, Any]]:
        """Per stream, ids that exist and ids that were deleted, by the vendor's own books."""
        return dict(self.on_server(self.vendor.streams))

    def bodies(self, stream: str) -> dict[str, Any] | None:
        """Per id what the vendor shows; None where it does not tell."""
        try:
            return dict(self.on_server(lambda: self.vendor.objects(stream)))
        except LookupError:
            return None

    def clean(self, folder: Path) -> tuple[State, int]:
        """What an undisturbed first reading lands, and with how many requests; read once."""
        if self._clean is None:
            before = self.answered()
            results = self.extract(folder / "clean")
            assert {name: r.error for name, r in results.items() if r.outcome != "ok"} == {}
            self._clean = (self.landed(folder / "clean"), self.answered() - before)
        return self._clean

    def asked(self, folder: Path) -> list[dict[str, Any]]:
        """What an undisturbed first reading asks for."""
        self.forget_requests()
        self.extract(folder)
        return self.requests()

    def answered(self) -> int:
        """Requests answered since the servers began."""
        return int(self.on_server(lambda: self.log._count))

    def settle(self) -> None:
        """Lets time pass until nothing happens any more in ten minutes, which runs may leave for the next."""
        for _ in range(40):
            before = self._fingerprint()
            self.advance(10 * MINUTE)
            if self._fingerprint() == before:
                return

    def _fingerprint(self) -> str:
        return json.dumps([self.truth(), {name: self.bodies(name) for name in self.streams}], sort_keys=True, default=str)


def paged(asked: list[dict[str, Any]]) -> tuple[str, str]:
    """The path of a list that went on after its first page, and the cursor with which it did; `*` and nothing if none did."""
    for entry in asked:
        for name, value in parse_qsl(entry["query"]):
            if name in _GOING_ON and not (name == "page" and value == "1"):
                return str(entry["path"]), value
    return "*", ""


def busiest(asked: list[dict[str, Any]]) -> list[str]:
    """The paths that were asked for most often, most often first."""
    return [path for path, _ in Counter(str(entry["path"]) for entry in asked).most_common(6)]


@contextmanager
def contracted(folder: Path, name: str, *, customers: int = 2, months: int = 1) -> Iterator[Account]:
    """The connector of that name against a tiny company."""
    with simulated(folder, customers=customers, months=months, systems=(name,)) as company:
        account = Account(
            name,
            connector_class(name),
            company.world.systems[name],
            company.site.faults,
            company.site.log,
            company.endpoints[name],
            company.on_server,
            company.advance,
        )
        account.settle()
        yield account


@contextmanager
def small_pages(package: str, size: int = SMALL_PAGE) -> Iterator[list[str]]:
    """Small pages for a connector: its constants `PAGE_SIZE`, `PAGE` and `*_PAGE` are `size`; gives their names."""
    saved: list[tuple[Any, str, int]] = []
    for module in modules(package):
        for constant, value in vars(module).items():
            if _PAGE_CONSTANT.fullmatch(constant) and isinstance(value, int):
                saved.append((module, constant, value))
    for module, constant, _ in saved:
        setattr(module, constant, size)
    try:
        yield [constant for _, constant, _ in saved]
    finally:
        for module, constant, value in saved:
            setattr(module, constant, value)


def modules(package: str) -> list[Any]:
    """The modules of a package, loaded."""
    top = importlib.import_module(package)
    below = pkgutil.walk_packages(top.__path__, f"{package}.") if hasattr(top, "__path__") else ()
    return [top, *(importlib.import_module(found.name) for found in below)]


def leaks(folder: Path, said: Iterable[str], secrets: Iterable[str]) -> list[str]:
    """Where a secret stands: file names, or what was said; compressed files are looked into."""
    forms = {form for secret in secrets if len(secret) > 5 for form in _forms(secret)}
    texts = {str(path): _content(path) for path in folder.rglob("*") if path.is_file()}
    texts |= {text: text.encode() for text in said}
    return [where for where, content in texts.items() if any(form in content for form in forms)]


def _content(path: Path) -> bytes:
    content = path.read_bytes()
    with suppress(zstandard.ZstdError):
        content += zstandard.ZstdDecompressor().stream_reader(content, read_across_frames=True).read()
    return content + str(path).encode()


def _forms(secret: str) -> set[bytes]:
    texts = {secret, f":{secret}", f"{secret}:"}
    return {secret.encode()} | {base64.b64encode(text.encode()).rstrip(b"=")[:-1] for text in texts}


def _types(annotation: Any) -> set[Any]:
    return {annotation, *getattr(annotation, "__args__", ())}
