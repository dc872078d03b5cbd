"""The input of the loading benchmarks: pages of 100 invoices, written over several lines as Stripe sends them, with a name that
is not ASCII here and there; and a connector that reads them. An invoice has about 1.3 KB without the white space.

Ids, links and amounts differ from object to object as they do in a real account, so that nothing compresses to nothing.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from connectors.stripe.transport import ObjectList, identity
from cynosure.extract import Connector, ConnectorSettings, Cursor, Page, Record, Stream, extract_source
from cynosure.landing import LandingLog

SOURCE, STREAM = "bench", "invoices"
DECLARED = [(SOURCE, STREAM)]
PAGE = 100
AT = 1_767_225_600  # 2026-01-01T00:00:00Z

_LINE = (
    '{"id":"il_%s%d","object":"line_item","amount":%d,"currency":"usd","quantity":%d,"period":{"start":%d,"end":%d},'
    '"pricing":{"unit_amount_decimal":"1000","type":"price_details","price_details":{"price":"price_%06d"}}}'
)
_INVOICE = (
    '{"id":"in_%s","object":"invoice","customer":"cus_%s","customer_name":"%s","created":%d,"status":"paid","currency":"usd","amount_due":%d,'
    '"amount_paid":%d,"hosted_invoice_url":"https://invoice.stripe.example/i/%s","metadata":{"version":"%d"},'
    '"lines":{"object":"list","data":[%s],"has_more":false},"number":"INV-%09d","collection_method":"charge_automatically",'
    '"parent":{"type":"subscription_details","subscription_details":{"subscription":"sub_%s"}},"attempted":true}'
)


def pages(rows: int, changed: int = 0) -> Iterator[bytes]:
    """Pages with `rows` invoices in all, as Stripe sends them; the first `changed` of them in a newer version."""
    for start in range(0, rows, PAGE):
        objects = ",".join(_invoice(number, 2 if number < changed else 1) for number in range(start, min(start + PAGE, rows)))
        page = b'{"object":"list","url":"/v1/invoices","has_more":%s,"data":[%s]}' % (
            b"true" if start + PAGE < rows else b"false", objects.encode(),
        )  # fmt: skip
        yield msgspec.json.format(page, indent=2)


def _invoice(number: int, version: int) -> str:
    chance = random.Random(number)
    token = f"{chance.getrandbits(96):024x}"
    amount, created = chance.randrange(500, 99_000), AT - number
    lines = ",".join(_LINE % (token, k, amount + k, k, created, created + 2_592_000, amount % 40) for k in range(3))
    customer = f"{chance.getrandbits(64):016x}"
    name = "Zoë GmbH" if number % 7 == 0 else "Acme Inc"
    return _INVOICE % (
        token, customer, name, created, amount, amount, f"{chance.getrandbits(320):080x}", version, lines, number, customer,
    )  # fmt: skip


def objects_on_one_line(page: bytes) -> list[bytes]:
    """The objects of a page as they are stored: without white space between their tokens."""
    return [bytes(raw) for raw in msgspec.json.decode(msgspec.json.format(page, indent=-1), type=ObjectList).data]


class Invoices(Connector):
    """Reads prepared pages the way the Stripe connector does: objects stay bytes, ids are looked up."""

    name = "bench"
    title = "Prepared pages"
    api_version = "1"
    settings_model = ConnectorSettings
    streams = (Stream(STREAM, "Invoices."),)
    concurrency = 1

    def __init__(self, source: Iterable[bytes]) -> None:
        super().__init__(None)
        self._source = source

    def check(self) -> list:
        """Nothing to prove."""
        return []

    def read(self, stream: Stream, cursor: Cursor | None) -> Iterator[Page]:
        """Every page; each is a safe place to go on from."""
        for number, page in enumerate(self._source):
            objects = msgspec.json.decode(page, type=ObjectList).data
            yield Page([Record(identity(raw).id, raw) for raw in objects], float(AT), {"page": number})


def land(folder: Path, source: Iterable[bytes]) -> None:
    """Lands pages by the product's own extraction, with its checkpoints; SystemExit if it failed."""
    (result,) = extract_source(SOURCE, Invoices(source), LandingLog(landing(folder)))
    if result.outcome != "ok":
        raise SystemExit(result.error)


def landing(folder: Path) -> str:
    """The URL of the landing log in a folder."""
    return f"file://{folder}/landing"
