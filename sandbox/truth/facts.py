"""Facts that operations report in the language of the domain; the ground truth reads nothing else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Tier:
    """One step of a tiered tariff: units up to `up_to` (None: no limit), amounts in minor units."""

    up_to: int | None
    unit: Fraction
    flat: Fraction


@dataclass(frozen=True, slots=True)
class Tariff:
    """What a price charges per period; amounts in minor units of `currency`."""

    price: str
    product: str
    currency: str
    interval: str | None
    interval_count: int
    unit: Fraction
    tiers: tuple[Tier, ...] = ()
    graduated: bool = False
    divide_by: int = 1
    round_up: bool = True
    meter: str | None = None
    inclusive: bool = False


@dataclass(frozen=True, slots=True)
class ItemPriced:
    """From `at` on the item has this tariff and quantity; `tax_percent` is the customer's rate."""

    at: int
    subscription: str
    item: str
    tariff: Tariff
    quantity: int
    tax_percent: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True)
class ItemRemoved:
    """From `at` on the subscription no longer has the item."""

    at: int
    subscription: str
    item: str


@dataclass(frozen=True, slots=True)
class StatusSince:
    """From `at` on the subscription has this status."""

    at: int
    subscription: str
    status: str


@dataclass(frozen=True, slots=True)
class DiscountGiven:
    """A discount in force while at <= t < end on an item, a subscription or a whole customer."""

    at: int
    end: int | None
    discount: str
    level: str
    target: str
    percent: Fraction | None
    amount: Fraction | None
    currency: str | None
    products: frozenset[str]
    once: bool


@dataclass(frozen=True, slots=True)
class DiscountRemoved:
    """The discount stopped before its natural end."""

    at: int
    discount: str


@dataclass(frozen=True, slots=True)
class CancellationPlanned:
    """From `at` on the subscription is due to end (planned) or no longer is; `by` tells plans apart."""

    at: int
    subscription: str
    planned: bool
    by: str = "subscription"


@dataclass(frozen=True, slots=True)
class CollectionPaused:
    """From `at` on invoices of the subscription are not collected (paused), or are again."""

    at: int
    subscription: str
    paused: bool


CustomerFact = ItemPriced | ItemRemoved | StatusSince | DiscountGiven | DiscountRemoved | CancellationPlanned | CollectionPaused


@dataclass(frozen=True, slots=True)
class Usage:
    """A customer used so much of a meter at an instant."""

    at: int
    customer: str
    meter: str
    value: Fraction


@dataclass(frozen=True, slots=True)
class Payment:
    """Money that moved, or failed to: amount in minor units."""

    at: int
    customer: str | None
    currency: str
    amount: int


@dataclass
class Facts:
    """Everything reported so far."""

    by_customer: dict[str, list[CustomerFact]] = field(default_factory=lambda: defaultdict(list))
    usage: dict[str, list[Usage]] = field(default_factory=lambda: defaultdict(list))
    failed_payments: list[Payment] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)
    refunds: list[Payment] = field(default_factory=list)
    existing: dict[str, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))
    deleted: dict[str, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))

    ignored: set[str] = field(default_factory=set)

    def lists(self, streams: Iterable[str]) -> None:
        """The streams there are, so that empty ones count too."""
        for stream in streams:
            self.existing.setdefault(stream, {})

    def ignore(self, customer: str) -> None:
        """A customer on a test clock, who is no part of the business."""
        self.ignored.add(customer)

    def report(self, customer: str, fact: CustomerFact) -> None:
        """Something about a customer's subscriptions became true."""
        if customer not in self.ignored:
            self.by_customer[customer].append(fact)

    def exists(self, stream: str, id: str) -> None:
        """An object of a stream came into being."""
        self.existing[stream][id] = None

    def is_deleted(self, stream: str, id: str, at: int) -> None:
        """An object of a stream was deleted."""
        self.existing[stream].pop(id, None)
        self.deleted[stream][id] = at

    def used(self, usage: Usage) -> None:
        """A customer used a meter."""
        self.usage[usage.customer].append(usage)
