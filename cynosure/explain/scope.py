"""Which customers, currencies and plans a member of a dimension stands for."""

from __future__ import annotations

from dataclasses import dataclass

from cynosure.warehouse import Session, identifier


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


def read_scope(session: Session, dimension: str, member: str) -> Scope | None:
    """The scope of a member; None for a dimension whose members cannot be told from the customers."""
    if dimension == "all":
        return Scope(dimension, member)
    if dimension == "currency":
        return Scope(dimension, member, currency=member)
    if dimension == "plan":
        plans = session.rows("select plan_id from marts.plans where plan_name = $1", member)
        return Scope(dimension, member, plans=frozenset(str(plan) for (plan,) in plans))
    column = next((name for name in (dimension, f"{dimension}_name") if name in _columns(session)), None)
    if column is None:
        return None
    of = session.rows(f"select customer_id from marts.customers where coalesce({identifier(column)}, 'unknown') = $1", member)
    return Scope(dimension, member, customers=frozenset(str(customer) for (customer,) in of))


def _columns(session: Session) -> frozenset[str]:
    query = "select column_name from information_schema.columns where table_schema = 'marts' and table_name = 'customers'"
    return frozenset(str(name) for (name,) in session.rows(query))
