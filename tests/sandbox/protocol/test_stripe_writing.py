"""Writing to the sandbox's Stripe API: forms, idempotency keys, events."""

from __future__ import annotations

from types import SimpleNamespace

import httpx
import pytest
import stripe

from sandbox.stripe.forms import decode
from sandbox.stripe.writing import WRITERS
from sandbox.world import World


def test_a_created_object_can_be_read_and_has_its_event(client: stripe.StripeClient) -> None:
    made = client.v1.customers.create({"email": "ada@example.com"})
    assert client.v1.customers.retrieve(made.id).email == "ada@example.com"
    event = client.v1.events.list({"type": "customer.*", "limit": 1}).data[0]
    assert (event.type, event.data.object["id"]) == ("customer.created", made.id)


def test_the_same_idempotency_key_gets_the_first_answer(http: httpx.Client) -> None:
    def create(email: str) -> httpx.Response:
        return http.post("/v1/customers", data={"email": email}, headers={"Idempotency-Key": "once"})

    first, again, other = create("a@example.com"), create("a@example.com"), create("b@example.com")
    assert again.json() == first.json()
    assert again.headers["idempotent-replayed"] == "true"
    assert (other.status_code, other.json()["error"]["type"]) == (400, "idempotency_error")


def test_a_refused_write_may_be_tried_again_under_its_key(servers: SimpleNamespace, build: SimpleNamespace) -> None:
    headers = {"Idempotency-Key": "later"}
    url = servers.stripe + "/v1/customers"
    assert httpx.post(url, headers=headers).status_code == 401
    assert httpx.post(url, headers=headers | {"Authorization": f"Bearer {build.secret}"}).status_code == 200


def test_the_replay_is_not_shown_to_a_caller_without_a_key(http: httpx.Client, servers: SimpleNamespace) -> None:
    assert http.post("/v1/customers", headers={"Idempotency-Key": "mine"}).status_code == 200
    assert httpx.post(servers.stripe + "/v1/customers", headers={"Idempotency-Key": "mine"}).status_code == 401


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("created[gte]=1&created[lt]=2", {"created": {"gte": "1", "lt": "2"}}),
        ("expand[0]=a&expand[1]=b", {"expand": ["a", "b"]}),
        ("expand[]=a&expand[]=b", {"expand": ["a", "b"]}),
        (
            "items[0][price]=p&items[0][quantity]=2&items[1][price]=q",
            {"items": [{"price": "p", "quantity": "2"}, {"price": "q"}]},
        ),
        ("items[][price]=p&items[][quantity]=2&items[][price]=q", {"items": [{"price": "p", "quantity": "2"}, {"price": "q"}]}),
        ("types[10]=k&types[9]=j", {"types": ["j", "k"]}),
        ("metadata[1]=one&metadata[a]=x", {"metadata": {"1": "one", "a": "x"}}),
        ("name=%C3%A9+%26&empty=", {"name": "é &", "empty": ""}),
        ("a[b][c][d]=1", {"a": {"b": {"c": {"d": "1"}}}}),
    ],
)
def test_bracket_encoding_becomes_nested_parameters(form: str, expected: object) -> None:
    assert decode(form) == expected


def test_every_writing_endpoint_has_an_operation_that_exists() -> None:
    operations = set(World.create(None, customers=1, months=1, start=0).billing.operations)
    routed = {writer.operation for writer in WRITERS}
    assert routed <= operations
    # a dispute comes from a bank, so no endpoint makes one
    assert operations - routed == {"create_dispute"}
