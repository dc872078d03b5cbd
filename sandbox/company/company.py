"""The story of the company: customers keep signing up, and every month each of them may do something."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from sandbox.company import changes, endings, incidents, liberties, signing_up
from sandbox.company.cast import Cast
from sandbox.company.catalogue import open_catalogue
from sandbox.company.subscriber import DAY, Action, Desk, Subscriber
from sandbox.company.told import Overheard
from sandbox.stripe.errors import StripeError

FREE_DAYS = 28
"""Days before the start from which changes may leave no trace in invoices: events tell of them, for 30 days."""

_MONTH = 30 * DAY
_GROWTH = 0.62
_CLASSIC_ENDS = 8

_MONTHLY: tuple[tuple[Action, float], ...] = (
    (changes.more_seats, 8.0), (changes.fewer_seats, 3.0), (changes.upgrade, 4.0), (changes.downgrade, 1.5),
    (changes.change_interval, 1.5), (changes.add_subscription, 1.5), (changes.drop_subscription, 0.7),
    (changes.add_item, 1.5), (changes.drop_item, 0.7), (changes.take_coupon, 1.0), (changes.pause_collection, 0.6),
    (changes.schedule_price, 0.7), (endings.cancel_now, 1.0), (endings.cancel_at_period_end, 1.6),
    (endings.cancel_on_date, 0.6), (endings.delete_customer, 0.15), (endings.migrate_currency, 0.4),
    (incidents.card_trouble, 2.0), (incidents.card_dies, 0.8), (incidents.partial_refund, 0.8),
    (incidents.dispute, 0.3), (incidents.credit_note, 0.6), (incidents.goodwill, 0.6), (incidents.extra_service, 0.8),
    (incidents.new_address, 2.0),
)  # fmt: skip
"""What a customer may do in a month, and how likely that is in percent."""

_FREELY: tuple[tuple[Action, float], ...] = (
    (liberties.quiet_seats, 3.0), (liberties.bounce, 1.5), (liberties.bounce_over_midnight, 1.5),
    (liberties.empty, 1.0), (liberties.drop_coupon, 2.5), (liberties.make_free, 0.8), (liberties.stop_paying, 1.0),
    (liberties.end_trial_now, 2.0),
)  # fmt: skip
"""What may happen too once events reach far enough back."""

_LATER: tuple[Action, ...] = (
    changes.use, changes.extend_trial, endings.cancel_at_period_end, endings.stay, endings.buy_again,
    incidents.lose_card, liberties.seat_more, liberties.seat_less, liberties.refill, liberties.drop_coupon,
    liberties.settle_debt, signing_up.come_back,
)  # fmt: skip


class Company:
    """Enters the whole story on the agenda; afterwards only time has to pass."""

    def __init__(self, desk: Desk, *, seed: int, customers: int, begin: int, start: int) -> None:
        self._desk = desk
        desk.billing.books.facts = Overheard(desk.billing.books.facts, desk.told)
        self._seed = seed
        self._random = Random(f"company {seed}")
        self._customers = customers
        self._begin = begin
        self._start = start
        self._pace = (start - begin) / customers / 1.4
        self.refused: list[str] = []
        self._later = {action.__name__: action for action in _LATER}
        self._cast = Cast(desk, begin, start)
        handlers: dict[str, Callable[[str, int], None]] = {
            "sign up": self._sign_up,
            "month": self._month,
            "story": self._story,
            "dispute decided": self._decide_dispute,
            "housekeeping": self._keep_house,
            "cast": self._cast.enter,
        }
        for job, handler in handlers.items():
            desk.agenda.handle(job, handler)

    def begin(self) -> None:
        """Open the catalogue and enter the first jobs; people come until the start and after it."""
        open_catalogue(self._desk.billing, self._desk.catalogue, self._begin)
        self._desk.billing.payouts.begin(self._begin)
        span = self._start - self._begin - DAY
        ordinary = max(self._customers - len(self._cast.scenes), 1)
        shares = sorted(self._random.random() ** _GROWTH for _ in range(ordinary))
        for number, share in enumerate(shares):
            self._plan_sign_up(number, self._begin + DAY // 2 + int(share * span))
        self._plan_sign_up(self._customers, self._start + self._gap())
        self._desk.agenda.enter(self._begin + _MONTH, "housekeeping", "0")
        self._cast.plan()

    def _gap(self) -> int:
        return int(self._random.expovariate(1 / self._pace)) + 60

    def _plan_sign_up(self, number: int, when: int) -> None:
        self._desk.agenda.enter(when, "sign up", str(number))
        self._desk.told.sign_up_planned(signing_up.arrive(number, self._chance_of(number)).newcomer, when)

    def _chance_of(self, number: int | str) -> Random:
        return Random(f"customer {self._seed} {number}")

    def _sign_up(self, number: str, at: int) -> None:
        random = self._chance_of(number)
        early = at < self._begin + (self._start - self._begin) // 3
        signing_up.sign_up(self._desk, int(number), random, at, early)
        self._desk.agenda.enter(at + int(random.uniform(3, 33) * DAY), "month", number)
        if at >= self._start:
            self._plan_sign_up(int(number) + 1, at + self._gap())

    def _month(self, number: str, at: int) -> None:
        """Something may happen to a customer; customers of nothing stay on the books."""
        subscriber = self._desk.people[int(number)]
        if subscriber.gone:
            return
        deeds = _MONTHLY + (_FREELY if self._desk.is_free(at) else ())
        dice = subscriber.random.random() * 100
        for action, percent in deeds:
            dice -= percent
            if dice < 0:
                self._act(action, subscriber, at)
                break
        self._desk.agenda.enter(at + int(subscriber.random.uniform(0.5, 1.5) * _MONTH), "month", number)

    def _story(self, key: str, at: int) -> None:
        number, name = key.split(":")
        subscriber = self._desk.people[int(number)]
        if not subscriber.gone:
            self._act(self._later[name], subscriber, at)

    def _act(self, action: Action, subscriber: Subscriber, at: int) -> None:
        """A story that a write from outside has made impossible does not happen."""
        try:
            action(self._desk, subscriber, at)
        except StripeError as refusal:
            self.refused.append(f"{action.__name__} of {subscriber.number} at {at}: {refusal}")

    def _decide_dispute(self, key: str, at: int) -> None:
        id, status = key.split(":")
        self._desk.billing.disputes.close(id, {"status": status}, at=at)

    def _keep_house(self, number: str, at: int) -> None:
        """Something about the catalogue changes every month."""
        billing, turn = self._desk.billing, int(number)
        product = sorted(self._desk.catalogue.products.values())[turn % len(self._desk.catalogue.products)]
        billing.products.update(product, {"description": f"Revised edition {turn}"}, at=at)
        terms = {"percent_off": "12.5", "duration": "once", "max_redemptions": "50"}
        coupon = billing.coupons.create({"id": f"SEASON{turn}", "name": f"Season {turn}", **terms}, at=at)
        billing.promotion_codes.create({"promotion": {"coupon": coupon["id"]}, "code": f"SEASON{turn}"}, at=at)
        if turn == _CLASSIC_ENDS:
            for (plan, _, _), price in self._desk.catalogue.prices.items():
                if plan == "classic":
                    billing.prices.update(price, {"active": "false"}, at=at)
        self._desk.agenda.enter(at + _MONTH, "housekeeping", str(turn + 1))
