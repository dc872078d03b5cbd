"""What each list of Stripe's API selects by: the filters beyond plain equality, and what stays out by default."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.stripe.collection import Body
from sandbox.stripe.errors import StripeError, invalid_choice
from sandbox.stripe.filters import Condition, Filter, equals, refers_to
from sandbox.stripe.store import Store

LARGEST_TYPES = 20
"""Names in the `types` filter of events at most (docs.stripe.com/api/events/list)."""

_SUBSCRIPTION_STATUSES = (
    "active", "all", "canceled", "ended", "incomplete", "incomplete_expired", "past_due", "paused", "trialing",
    "unpaid",
)  # fmt: skip


def text(name: str, *choices: str) -> Filter:
    """Equality of the field of that name."""
    return equals(lambda body: body.get(name), choices=choices)


def nested(*path: str) -> Callable[[Body], Any]:
    """Reads a field inside nested objects, None where one is absent."""

    def read(body: Body) -> Any:
        value: Any = body
        for name in path:
            value = (value or {}).get(name)
        return value

    return read


def reference(kind: str, name: str | None = None) -> Filter:
    """Equality of the reference to a kind, in the field of that name."""
    return refers_to(kind, lambda body: body.get(name or kind), index=name or kind)


def item_periods(name: str) -> Callable[[Body], list[int]]:
    """Reads a time of every item of a subscription."""
    return lambda body: [item[name] for item in body["items"]["data"] if item.get(name) is not None]


def subscription_status(name: str, value: Any, store: Store) -> Condition:
    """A status; `all` for every one, `ended` for the two that are final."""
    if value not in _SUBSCRIPTION_STATUSES:
        raise invalid_choice(name, list(_SUBSCRIPTION_STATUSES))
    if value == "all":
        return Condition()
    wanted = ("canceled", "incomplete_expired") if value == "ended" else (value,)
    return Condition(lambda body: body["status"] in wanted)


def has_price(name: str, value: Any, store: Store) -> Condition:
    """Subscriptions with an item of that price."""

    def price_id(item: Body) -> str:
        return item["price"] if isinstance(item["price"], str) else item["price"]["id"]

    return Condition(lambda body: any(price_id(item) == value for item in body["items"]["data"]))


def subscription_defaults(params: dict[str, Any]) -> list[Condition]:
    """Without a status, canceled subscriptions stay out, and those on a test clock do as well."""
    conditions = without_test_clock("test_clock", "customer")(params)
    if "status" not in params:
        conditions.append(Condition(lambda body: body["status"] != "canceled"))
    return conditions


def without_test_clock(*unless: str) -> Callable[[dict[str, Any]], list[Condition]]:
    """Objects on a test clock stay out of lists that do not ask for them."""
    hides = Condition(lambda body: body.get("test_clock") is None)
    return lambda params: [] if any(name in params for name in unless) else [hides]


def event_type(name: str, value: Any, store: Store) -> Condition:
    """One type of event, or all that begin alike: `customer.subscription.*`."""
    if not isinstance(value, str):
        raise StripeError("Invalid string", param=name)
    held = store.collection("event").index_values("type")
    prefix = value.removesuffix("*")
    names = [type for type in held if type.startswith(prefix)] if value.endswith("*") else [value]
    return Condition(within=("type", names))


def event_types(name: str, value: Any, store: Store) -> Condition:
    """Any of several types of event."""
    if not isinstance(value, list):
        raise StripeError("Invalid array", param=name)
    if len(value) > LARGEST_TYPES:
        raise StripeError(f"You may only specify up to {LARGEST_TYPES} event types.", param=name)
    return Condition(within=("type", list(dict.fromkeys(value))))


def payment(name: str, value: Any, store: Store) -> Condition:
    """Invoice payments by `payment[type]` and the id under that type."""
    wanted = value if isinstance(value, dict) else {}
    read = nested("payment", str(wanted.get("type")))
    return Condition(lambda body: read(body) == wanted.get(str(wanted.get("type"))))


def recurring(name: str, value: Any, store: Store) -> Condition:
    """Prices whose recurring part has these values."""
    wanted = value if isinstance(value, dict) else {}
    return Condition(lambda body: wanted.items() <= (body.get("recurring") or {}).items())


def is_pending(body: Body) -> bool:
    """Whether an invoice item waits for an invoice."""
    return body.get("invoice") is None
