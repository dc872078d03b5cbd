"""Which customers, currencies and plans a member of a dimension stands for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from cynosure.warehouse import Session, identifier, qualified

#: where the attributes of a customer stand, those that the models group by first
_ATTRIBUTES = (("intermediate", "int_mrr_customers"), ("marts", "customers"))
_OF_PLAN = (
    "select paying.customer_id from intermediate.int_main_plans as paying"
    " inner join marts.plans as plans on paying.plan_id = plans.plan_id"
    " where plans.plan_name = $1 and paying.from_day <= $2 and $2 < paying.until_day"
)


@dataclass(frozen=True)
class Scope:
    """A member of a dimension: None where everyone, every currency or every plan belongs to it."""

    dimension: str
    member: str
    customers: frozenset[str] | None = None
    currency: str | None = None
    plans: frozenset[str] | None = None

    @property
    def splits_customers(self) -> bool:
        """Whether only some of what a customer has belongs to it, so that amounts can move in and out."""
        return self.currency is not None or self.plans is not None

    def has(self, customer: str, currency: str, plan: str) -> bool:
        """Whether an amount of a customer in a currency and plan belongs to it."""
        return (
            (self.customers is None or customer in self.customers)
            and (self.currency is None or currency == self.currency)
            and (self.plans is None or plan in self.plans)
        )


def read_scope(session: Session, dimension: str, member: str, window_start: date | None) -> Scope | None:
    """The scope of a member; None for a dimension whose members cannot be told from customers, currencies or plans.

    A retention window follows whole customers: in it, a plan stands for those whose main plan it was at `window_start`.
    """
    if dimension == "all":
        return Scope(dimension, member)
    if dimension == "currency":
        return Scope(dimension, member, currency=member)
    if dimension == "plan" and window_start:
        return Scope(dimension, member, customers=_ids(session, _OF_PLAN, member, window_start))
    if dimension == "plan":
        return Scope(dimension, member, plans=_ids(session, "select plan_id from marts.plans where plan_name = $1", member))
    for schema, table in _ATTRIBUTES:
        if dimension in _columns(session, schema, table):
            query = f"select customer_id from {qualified(schema, table)} where coalesce({identifier(dimension)}, 'unknown') = $1"
            return Scope(dimension, member, customers=_ids(session, query, member))
    return None


def _ids(session: Session, query: str, *args: object) -> frozenset[str]:
    return frozenset(str(id) for (id,) in session.rows(query, *args))


def _columns(session: Session, schema: str, table: str) -> frozenset[str]:
    query = "select column_name from information_schema.columns where table_schema = $1 and table_name = $2"
    return _ids(session, query, schema, table)
