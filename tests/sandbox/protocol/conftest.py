"""The sandbox's servers over a hand-made account and over a simulated company, and clients for them."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import httpx
import pytest
import stripe
from hand_made_account import DAY, SECRET, START, Account, fill, invoice, made, price, subscription
from sandbox_servers import Running, RunningSite, published, types

from sandbox.fidelity.openapi import OpenApi
from sandbox.fidelity.sdk_types import SdkTypes
from sandbox.limits import RATES
from sandbox.world import World


@pytest.fixture(scope="module")
def module_servers() -> Iterator[Running]:
    """The servers, once per module."""
    servers = Running()
    yield servers
    servers.stop()


@pytest.fixture
def servers(module_servers: Running) -> Iterator[Running]:
    """The servers without faults and limits; afterwards, every answer of the test is held against the schemas."""
    module_servers.faults.clear()
    module_servers.limits.rates = RATES["off"]
    module_servers.limits.reset()
    yield module_servers
    assert module_servers.recorder.errors() == []


@pytest.fixture
def client(servers: Running) -> stripe.StripeClient:
    """The real SDK, without retries of its own."""
    return stripe.StripeClient(SECRET, base_addresses={"api": servers.stripe}, max_network_retries=0)


@pytest.fixture
def http(servers: Running) -> Iterator[httpx.Client]:
    """A plain HTTP client with the secret key."""
    with httpx.Client(base_url=servers.stripe, headers={"Authorization": f"Bearer {SECRET}"}) as plain:
        yield plain


@pytest.fixture
def control(servers: Running) -> Iterator[httpx.Client]:
    """A plain HTTP client for the control API."""
    with httpx.Client(base_url=servers.control) as plain:
        yield plain


@pytest.fixture
def build() -> SimpleNamespace:
    """Builders of bodies and what the hand-made account consists of."""
    return SimpleNamespace(
        price=price, subscription=subscription, invoice=invoice, made=made, start=START, day=DAY, secret=SECRET
    )


def mishaps(world: World) -> None:
    """A refund, a dispute and two credit notes, which a small company may lack."""
    refunded, disputed = [charge for charge in world.store.all("charge") if charge["paid"]][:2]
    paid = next(invoice for invoice in world.store.all("invoice") if invoice["amount_paid"])
    world.write("create_refund", {"params": {"charge": refunded["id"], "amount": "1"}})
    world.write("create_dispute", {"params": {"charge": disputed["id"]}})
    for _ in range(2):
        world.write("create_credit_note", {"params": {"invoice": paid["id"], "amount": "1"}})


@pytest.fixture(scope="module")
def module_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSite]:
    """The whole site, once per module."""
    account = Account()
    fill(account.store)
    running = RunningSite(tmp_path_factory.mktemp("state"), account)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSite]:
    """The site over a small simulated company with half a year of history."""
    world = World.create(None, seed=11, customers=60, months=6, start=START, wall=lambda: 0.0)
    mishaps(world)
    running = RunningSite(tmp_path_factory.mktemp("state"), world)
    yield running
    running.stop()


@pytest.fixture
def site(module_site: RunningSite) -> RunningSite:
    """The whole site without faults and refusals and with an empty mailbox."""
    module_site.site.faults.clear()
    module_site.site.sink.refuse()
    module_site.site.mailbox.clear()
    return module_site


@pytest.fixture(scope="session")
def openapi() -> OpenApi:
    """Stripe's OpenAPI description."""
    return published()


@pytest.fixture(scope="session")
def sdk() -> SdkTypes:
    """The SDK's resource classes."""
    return types()
