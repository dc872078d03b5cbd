"""What every part of the story plays with."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.story.marketing import Marketing
from sandbox.story.slips import Slips
from sandbox.story.society import Society
from sandbox.story.staff import Staff
from sandbox.story.telling import Telling


@dataclass
class Ensemble:
    """Time and chance, the people inside and outside, what brings them together, and what goes wrong."""

    telling: Telling
    staff: Staff
    marketing: Marketing
    society: Society
    slips: Slips
    currency: str
    """The company's reporting currency, as an ISO code."""
