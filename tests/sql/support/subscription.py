"""A subscription of a case: its state at an instant, and the object that Stripe shows then."""

from __future__ import annotations

from typing import Any

from scenario import Body, Case


class Subscription:
    """One subscription's story."""

    def __init__(self, case: Case, name: str) -> None:
        self.case = case
        self.name = name
        self.id = f"sub_{case.key}_{name}"
        self._told = case.told["subscriptions"][name]

    @property
    def changes(self) -> list[tuple[int, int]]:
        """Instants of the changes, each with the earliest instant at which it could be seen."""
        instant = self.case.company.instant
        return [(instant(change["at"]), instant(change.get("seen", change["at"]))) for change in self._told]

    @property
    def created(self) -> int:
        """When it began."""
        return self.changes[0][0]

    @property
    def ended(self) -> int | None:
        """When it ended, if it did."""
        return self.changes[-1][0] if self._told[-1].get("ended") else None

    @property
    def currency(self) -> str:
        """The currency of its first price."""
        first = next(iter(self.state(self.created)["items"].values()))
        return str(self.case.told["prices"][first["price"]].get("currency", "usd"))

    def state(self, at: int) -> Body:
        """What holds at an instant: the changes until then, one over the other."""
        state: Body = {"status": "active", "items": {}, "discounts": []}
        for change, (instant, _) in zip(self._told, self.changes, strict=True):
            if instant <= at:
                state = {**state, **change}
                if change.get("ended"):
                    state |= {"status": "canceled", "ended": instant}
        return {**state, "items": {name: _item(name, told) for name, told in state["items"].items()}}

    def discounted(self) -> list[tuple[str, int, int | None]]:
        """The discounts it ever had, with start and end, be it by time or by hand."""
        found = []
        for name, told in self.case.told.get("discounts", {}).items():
            holding = [at for at, _ in self.changes if name in _discounts(self.state(at))]
            if holding:
                dropped = [at for at, _ in self.changes if at > holding[-1]]
                ends = [self.case.company.instant(told["end"])] if "end" in told else []
                found.append((name, self.case.company.instant(told["start"]), min([*ends, *dropped], default=None)))
        return found

    def body(self, at: int, *, expanded: bool) -> Body:
        """The object as the API shows it at an instant; discounts whole or by id."""
        state = self.state(at)
        trial = [self.case.company.instant(day) for day in state.get("trial", ())] or [None, None]
        running = {name for name, start, end in self.discounted() if start <= at and (end is None or at < end)}
        cancel_at = self.case.company.instant(state["cancel_at"]) if "cancel_at" in state else None
        requested = next(
            (instant for change, (instant, _) in zip(self._told, self.changes, strict=True) if "cancel_at" in change), None
        )
        return {
            "id": self.id,
            "object": "subscription",
            "customer": self.case.customer,
            "currency": self.currency,
            "created": self.created,
            "start_date": self.created,
            "status": state["status"],
            "trial_start": trial[0],
            "trial_end": trial[1],
            "cancel_at": cancel_at,
            "cancel_at_period_end": False,
            "canceled_at": requested if cancel_at else state.get("ended"),
            "ended_at": state.get("ended"),
            "pause_collection": {"behavior": "void", "resumes_at": None} if state.get("paused") else None,
            "schedule": None,
            "discounts": [self._discount(name, expanded) for name in state["discounts"] if name in running],
            "items": {
                "data": [self._item_body(name, item, running, expanded) for name, item in state["items"].items()],
                "has_more": False,
            },
        }

    def item_id(self, name: str) -> str:
        """Id of an item."""
        return f"si_{self.case.key}_{self.name}_{name}"

    def _item_body(self, name: str, item: Body, running: set[str], expanded: bool) -> Body:
        added = next(at for at, _ in self.changes if name in self.state(at)["items"])
        body: Body = {
            "id": self.item_id(name),
            "created": added,
            "price": {key: value for key, value in price_body(self.case, item["price"]).items() if key != "tiers"},
            "discounts": [self._discount(discount, expanded) for discount in item["discounts"] if discount in running],
        }
        return body if item["quantity"] is None else {**body, "quantity": item["quantity"]}

    def _discount(self, name: str, expanded: bool) -> Any:
        body = discount_body(self.case, name, self)
        return body if expanded else body["id"]


def _item(name: str, told: Any) -> Body:
    item = told if isinstance(told, dict) else {"quantity": told}
    return {"price": name, "quantity": 1, "discounts": [], **item}


def _discounts(state: Body) -> list[str]:
    return [*state["discounts"], *(name for item in state["items"].values() for name in item["discounts"])]


def discount_body(case: Case, name: str, subscription: Subscription | None) -> Body:
    """A discount as the API shows it whole."""
    told = case.told["discounts"][name]
    item = subscription.item_id(told["item"]) if subscription and "item" in told else None
    return {
        "id": f"di_{case.key}_{name}",
        "object": "discount",
        "customer": case.customer,
        "subscription": subscription.id if subscription else None,
        "subscription_item": item,
        "invoice": None,
        "invoice_item": None,
        "start": case.company.instant(told["start"]),
        "end": case.company.instant(told["end"]) if "end" in told else None,
        "source": {"type": "coupon", "coupon": f"{case.key}_{told['coupon']}"},
    }


def price_body(case: Case, name: str) -> Body:
    """A price as the API shows it with its tiers."""
    told = case.told["prices"][name]
    tiers = [
        {"up_to": up_to, "unit_amount_decimal": str(amount), "flat_amount_decimal": None}
        for up_to, amount in told.get("tiers", ())
    ]
    size, rounding = told.get("package", (None, None))
    return {
        "id": f"price_{case.key}_{name}",
        "product": f"prod_{case.key}_{name}",
        "currency": told.get("currency", "usd"),
        "billing_scheme": "tiered" if tiers else "per_unit",
        "tiers_mode": told.get("mode"),
        "tiers": tiers or None,
        "unit_amount": None if tiers or isinstance(told["amount"], str) else told["amount"],
        "unit_amount_decimal": None if tiers else str(told["amount"]),
        "transform_quantity": {"divide_by": size, "round": rounding} if size else None,
        "tax_behavior": "inclusive" if "tax" in told else "unspecified",
        "recurring": {
            "interval": told["interval"],
            "interval_count": told.get("count", 1),
            "usage_type": "metered" if "meter" in told else "licensed",
            "meter": f"mtr_{case.key}_{told['meter']}" if "meter" in told else None,
        },
    }
