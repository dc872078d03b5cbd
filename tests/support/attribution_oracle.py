"""How new MRR is shared out among touches, in exact decimals and by no query."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal, localcontext

MODELS = ("first_touch", "last_touch", "linear", "time_decay", "position_based")
HALF_LIFE = 7
_MICRO = Decimal("0.000001")


def weights(model: str, ages: Sequence[int]) -> list[int]:
    """What each touch weighs; `ages` are days before the last touch, of the first touch first."""
    count = len(ages)
    if model == "first_touch":
        return [1] + [0] * (count - 1)
    if model == "last_touch":
        return [0] * (count - 1) + [1]
    if model == "linear":
        return [1] * count
    if model == "position_based":
        return [1] * count if count <= 2 else [2 * (count - 2), *[1] * (count - 2), 2 * (count - 2)]
    return [_halved(age) for age in ages]


def _halved(days: int) -> int:
    lives, part = divmod(days, HALF_LIFE)
    with localcontext() as context:
        context.prec = 50
        weight = (Decimal(2) ** (-Decimal(part) / HALF_LIFE) * 10**9).quantize(Decimal(1), ROUND_HALF_UP)
    return int(weight) >> min(lives, 31)


def split(amount: Decimal, parts: Sequence[int]) -> list[Decimal]:
    """An amount by weights: what the rounded running total grows by at each."""
    shares, before, so_far = [], Decimal(0), 0
    for part in parts:
        so_far += part
        with localcontext() as context:
            context.prec = 60
            total = (amount * so_far / sum(parts)).quantize(_MICRO, ROUND_HALF_UP)
        shares.append(total - before)
        before = total
    return shares
