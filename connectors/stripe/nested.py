"""Completes lists that Stripe cuts off inside an object, without touching any other byte of it."""

from __future__ import annotations

import msgspec

from connectors.stripe.catalogue import Nested
from connectors.stripe.transport import StripeApi, identity


class _Envelope(msgspec.Struct):
    data: list[msgspec.Raw]
    has_more: bool


def completed(api: StripeApi, payload: bytes, nested: Nested) -> bytes:
    """The object with every entry of its nested list; asks Stripe only if `has_more` says that some are missing."""
    fields = msgspec.json.decode(payload, type=dict[str, msgspec.Raw])
    if nested.field not in fields:
        return payload
    inner = msgspec.json.decode(fields[nested.field], type=_Envelope)
    if not inner.has_more:
        return payload
    parent = msgspec.json.decode(fields["id"], type=str)
    query: dict[str, object] = {"starting_after": identity(inner.data[-1]).id} if inner.data else {}
    if nested.parent:
        query[nested.parent] = parent
    if nested.expand:
        query["expand"] = [f"data.{path}" for path in nested.expand]
    for rest, _, _ in api.pages(nested.path.format(id=parent), query, endpoint=nested.path):
        inner.data.extend(rest)
    envelope = msgspec.json.decode(fields[nested.field], type=dict[str, msgspec.Raw])
    envelope["data"] = msgspec.Raw(msgspec.json.encode(inner.data))
    envelope["has_more"] = msgspec.Raw(b"false")
    fields[nested.field] = msgspec.Raw(msgspec.json.encode(envelope))
    return msgspec.json.encode(fields)
