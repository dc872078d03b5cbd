"""A small hand-made account, and the Stripe server over it on a real port."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
import stripe
from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox.clock import Clock
from sandbox.control import Control, put_fixture
from sandbox.faults import Faults
from sandbox.fidelity.openapi import OpenApi
from sandbox.fidelity.sdk_types import SdkTypes
from sandbox.fidelity.stripe import published_api, sdk_types
from sandbox.injection import Injection, collect
from sandbox.limits import RATES, Limits
from sandbox.request_log import RequestLog
from sandbox.server import Listeners, serving
from sandbox.site import Company, Options, Site
from sandbox.stripe.account import ACCOUNT_ID
from sandbox.stripe.app import StripeApi
from sandbox.stripe.auth import Keys
from sandbox.stripe.billing import payment_templates, templates
from sandbox.stripe.distortions import DISTORTIONS, distort
from sandbox.stripe.store import Store
from sandbox.world import World

START = 1_767_225_600  # 2026-01-01T00:00:00Z
DAY = 86_400
SECRET = "sk_test_0123456789abcdef"


class Account:
    """A store and a clock, without a billing engine."""

    def __init__(self) -> None:
        self.store = Store()
        self.clock = Clock.starting_at(START, lambda: 0.0)
        self.truth = Truth()

    def now(self) -> int:
        return self.clock.now()

    @property
    def clock_offset(self) -> int:
        return self.clock.offset

    def catch_up(self) -> None: ...

    def advance(self, seconds: int) -> int:
        return self.clock.advance(seconds)

    def write(self, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
        assert operation == "create_customer", operation
        params = arguments["params"]
        number = self.store.count("customer")
        body = made("CUSTOMER", id=f"cus_new{number}", created=self.now(), email=params.get("email"))
        return self.store.put("customer", body, at=self.now(), event="customer.created")


class Truth:
    """Something the control API can serve."""

    def board(self, month: str = "") -> dict[str, Any]:
        return {"month": month, "mrr": "12.000000"}


def made(template: str, **values: Any) -> dict[str, Any]:
    home = templates if hasattr(templates, template) else payment_templates
    return {**deepcopy(getattr(home, template)), **values}


def nested(rows: list[Any], url: str) -> dict[str, Any]:
    return templates.nested_list(rows, url)


def price(id: str, **values: Any) -> dict[str, Any]:
    recurring = {"interval": "month", "interval_count": 1, "meter": None, "trial_period_days": None}
    return made(
        "PRICE",
        **{
            "id": id,
            "created": START - 90 * DAY,
            "currency": "usd",
            "product": "prod_plan",
            "recurring": recurring | {"usage_type": "licensed"},
            "unit_amount": 1000,
            "unit_amount_decimal": "1000",
            "type": "recurring",
            **values,
        },
    )


def plan(id: str) -> dict[str, Any]:
    at = START - 90 * DAY
    return made("PLAN", id=id, created=at, currency="usd", interval="month", amount=1000, amount_decimal="1000")


def subscription(id: str, customer: str, items: int = 1, **values: Any) -> dict[str, Any]:
    at = values.pop("created", START - 40 * DAY)
    rows = [
        made(
            "SUBSCRIPTION_ITEM",
            id=f"si_{id[4:]}_{number:03}",
            subscription=id,
            price="price_monthly",
            plan=plan("price_monthly"),
            quantity=1,
            created=at,
            current_period_start=at,
            current_period_end=at + 30 * DAY,
        )
        for number in range(items)
    ]
    return made(
        "SUBSCRIPTION",
        id=id,
        customer=customer,
        created=at,
        start_date=at,
        billing_cycle_anchor=at,
        currency="usd",
        status=values.pop("status", "active"),
        items=nested(rows, f"/v1/subscription_items?subscription={id}"),
        **values,
    )


def invoice(id: str, customer: str, subscription: str, lines: int = 1, **values: Any) -> dict[str, Any]:
    at = values.pop("created", START - 40 * DAY)
    rows = [
        made(
            "LINE_ITEM",
            id=f"il_{id[3:]}_{number:03}",
            invoice=id,
            amount=1000,
            subtotal=1000,
            currency="usd",
            quantity=1,
            quantity_decimal="1",
            period={"start": at, "end": at + 30 * DAY},
            pricing={
                "type": "price_details",
                "price_details": {"price": "price_monthly", "product": "prod_plan"},
                "unit_amount_decimal": "1000",
            },
        )
        for number in range(lines)
    ]
    details = {"subscription": subscription, "metadata": {}}
    return made(
        "INVOICE",
        id=id,
        customer=customer,
        created=at,
        period_start=at,
        period_end=at,
        currency="usd",
        billing_reason="subscription_cycle",
        status=values.pop("status", "paid"),
        total=1000 * lines,
        subtotal=1000 * lines,
        parent={"type": "subscription_details", "subscription_details": details, "quote_details": None},
        lines=nested(rows, f"/v1/invoices/{id}/lines"),
        **values,
    )


def fill(store: Store) -> None:
    """Twenty-five customers of whom two share each second, and one object of every kind a test needs."""
    at = START - 40 * DAY
    store.put("product", made("PRODUCT", id="prod_plan", name="Plan", created=at - DAY, updated=at - DAY), at=at)
    tiers = [{"up_to": None, "unit_amount": 100, "unit_amount_decimal": "100", "flat_amount": None}]
    store.put("price", price("price_monthly"), at=at)
    tiered = price("price_tiered", billing_scheme="tiered", tiers_mode="graduated", tiers=tiers, unit_amount=None)
    store.put("price", tiered, at=at)
    coupon = made("COUPON", id="WELCOME", created=at, percent_off=20.0, duration="forever")
    store.put("coupon", {**coupon, "applies_to": {"products": ["prod_plan"]}}, at=at)
    discount = made("DISCOUNT", id="di_1", start=at, source={"type": "coupon", "coupon": "WELCOME"}, customer="cus_00")
    store.put("discount", discount, at=at)
    for number in range(25):
        body = made("CUSTOMER", id=f"cus_{number:02}", created=at + number // 2, email=f"c{number}@example.com")
        store.put("customer", body, at=at + number // 2, event="customer.created")
    for number, status in enumerate(("active", "past_due", "canceled", "trialing", "incomplete_expired")):
        body = subscription(f"sub_{number}", f"cus_{number:02}", items=12 if number == 0 else 1, status=status)
        body["discounts"] = ["di_1"] if number == 0 else []
        store.put("subscription", body, at=at, event="customer.subscription.created")
    on_clock = subscription("sub_clock", "cus_05", test_clock="clock_1")
    store.put("subscription", on_clock, at=at)
    store.put("invoice", invoice("in_0", "cus_00", "sub_0", lines=13), at=at)
    store.put("invoice", invoice("in_1", "cus_01", "sub_1"), at=at)
    store.put(
        "charge",
        made("CHARGE", id="ch_0", amount=1000, created=at, currency="usd", status="succeeded"),
        at=at,
    )
    for number in range(12):
        refund = made("REFUND", id=f"re_{number:02}", charge="ch_0", amount=10, created=at + number, currency="usd")
        store.put("refund", refund, at=at)


class Recorder:
    """Keeps every answer of an application, and what is wrong with it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.answers: list[tuple[str, str, int, bytes]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = await collect(self._app, scope, receive)
        self.answers.append((scope["method"], scope["path"], answer.status, answer.body))
        headers = [(name.encode(), value.encode()) for name, value in answer.headers.items()]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})

    def errors(self) -> list[str]:
        """What the published schema and the SDK's types object to in the answers since the last call."""
        taken, self.answers = dict.fromkeys(self.answers), []
        found = []
        for method, path, status, text in taken:
            body = json.loads(text)
            wrong = published().errors(method, path, status, body)
            wrong += types().errors(body) if status == 200 else []
            found += [f"{method} {path} ({status}) {error}" for error in wrong]
        return found


@cache
def published() -> OpenApi:
    """Stripe's OpenAPI description; reading it takes seconds."""
    return published_api()


@cache
def types() -> SdkTypes:
    """The SDK's resource classes."""
    return sdk_types()


class Running:
    """The servers, on their real ports, with everything that stands behind them."""

    def __init__(self) -> None:
        self.account = Account()
        fill(self.account.store)
        self.keys = Keys(ACCOUNT_ID)
        self.keys.add(SECRET)
        self.limits = Limits(RATES["off"])
        self.faults = Faults(DISTORTIONS)
        self.log = RequestLog()
        self.listeners = Listeners()
        api = StripeApi(self.account, self.keys, self.limits, self._is_hidden)
        self.recorder = Recorder(api.app())
        self._stop = threading.Event()
        self._up = threading.Event()
        for name in ("stripe", "control"):
            self.listeners.open(name)
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._thread.start()
        assert self._up.wait(10)

    @property
    def stripe(self) -> str:
        return self.listeners.url("stripe")

    @property
    def control(self) -> str:
        return self.listeners.url("control")

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(10)

    def _is_hidden(self, id: str) -> bool:
        return self.faults.hides(id, self.account.now())

    async def _serve(self) -> None:
        stripe = Injection(
            self.recorder,
            "stripe",
            self.faults,
            self.log,
            self.account.now,
            lambda: 0.0,
            distort,
            lambda fixture: put_fixture(self.account, fixture),
        )
        control = Control(self.account, self.keys, self.limits, self.faults, self.log)
        async with serving({"stripe": stripe, "control": control.app()}, self.listeners):
            self._up.set()
            while not self._stop.is_set():
                await asyncio.sleep(0.01)


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


class RunningSite:
    """The whole site on its real ports, in a thread."""

    def __init__(self, folder: Path, company: Company) -> None:
        self.site = Site(company, Starlette(), Options(folder, limits="off"))
        self.endpoints: dict[str, Any] = {}
        self._stop, self._up = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._thread.start()
        assert self._up.wait(10)

    async def _serve(self) -> None:
        async with self.site.listening() as self.endpoints:
            self._up.set()
            while not self._stop.is_set():
                await asyncio.sleep(0.01)

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(10)


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
