"""Conversations in the messenger: started by customers and some leads, assigned, answered, snoozed, closed, rated."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from sandbox.story import vocabulary
from sandbox.story.account import Account
from sandbox.story.ensemble import Ensemble
from sandbox.story.events import ChatAssigned, ChatRated, ChatReplied, ChatStarted, ChatTurned
from sandbox.story.people import Person
from sandbox.story.staff import CATEGORIES, GROUP_OF
from sandbox.story.telling import DAY, HOUR, Act, around, chance

CHATS_A_MONTH = {"starter": 0.65, "pulse": 0.5, "consumer": 0.5, "team": 0.9, "business": 1.1, "scale": 1.2}
"""Per customer of a plan; others write as often as a team."""
_CHANNELS = {"messenger": 86, "email": 14}


@dataclass
class Chat:
    """A conversation while it lives."""

    key: str
    person: Person
    team: str
    agent: str
    random: Random


class Chats:
    """People write, agents answer."""

    def __init__(self, ensemble: Ensemble) -> None:
        self._on = ensemble
        self._telling = ensemble.telling

    def serve(self, account: Account) -> Act:
        """A customer's conversations."""
        telling, random, spell = self._telling, account.random, account.spell
        yield telling.now + int(random.expovariate(1 / (4 * DAY)))
        while account.spell == spell:
            person = account.anybody()
            place = account.people.index(person)
            person = account.people[place] = self._on.society.know(person, "intercom")
            telling.play(self.chat(person, random), telling.by_day(telling.now, random, 85) - telling.now)
            rate = CHATS_A_MONTH.get(account.plan, 0.9) * telling.scale / (30 * DAY)
            yield telling.now + int(random.expovariate(rate)) + 60

    def chat(self, person: Person, random: Random) -> Act:
        """One conversation, from the first message to the rating."""
        if person.key in self._on.society.gone:
            return
        category = random.choices(tuple(CATEGORIES), tuple(CATEGORIES.values()))[0]
        key, team = self._telling.key("chat"), GROUP_OF.get(category, "Support")
        chat = Chat(key, person, team, self._on.staff.agent(team, random), random)
        text = f"{random.choice(vocabulary.SUBJECTS[category])}. {random.choice(vocabulary.QUESTIONS)}"
        channel = random.choices(tuple(_CHANNELS), tuple(_CHANNELS.values()))[0]
        self._telling.tell(ChatStarted(self._telling.now, key, person.key, person.organization, text, channel))
        yield self._telling.now + random.randint(2, 120)
        for at in self._talk(chat):
            yield at
            if person.key in self._on.society.erased:
                return
        self._on.slips.maybe_remove("chat", key, random)

    def _talk(self, chat: Chat) -> Iterator[int]:
        random, telling = chat.random, self._telling
        telling.tell(ChatAssigned(telling.now, chat.key, chat.team, None))
        yield telling.at_work(telling.now + around(random, 0.2 * HOUR, 1.1), random)
        if chance(random, 4):
            telling.tell(ChatTurned(telling.now, chat.key, "closed", chat.agent))
            return
        telling.tell(ChatAssigned(telling.now, chat.key, chat.team, chat.agent))
        self._answer(chat)
        yield from self._exchange(chat, random.choices((0, 1, 2, 3, 5), (30, 30, 22, 13, 5))[0])
        if chance(random, 7):
            telling.tell(ChatTurned(telling.now, chat.key, "snoozed", chat.agent))
            yield telling.at_work(telling.now + around(random, DAY), random)
            telling.tell(ChatTurned(telling.now, chat.key, "open", None))
            self._answer(chat)
        telling.tell(ChatTurned(telling.now, chat.key, "closed", self._agent(chat)))
        yield from self._afterwards(chat)

    def _exchange(self, chat: Chat, times: int) -> Iterator[int]:
        random, telling = chat.random, self._telling
        for _ in range(times):
            yield telling.now + around(random, 240, 1.3)
            telling.tell(ChatReplied(telling.now, chat.key, chat.person.key, random.choice(vocabulary.FOLLOW_UPS), True))
            yield telling.at_work(telling.now + around(random, 420, 1.2), random)
            if chance(random, 8):
                note = random.choice(vocabulary.INTERNAL)
                telling.tell(ChatReplied(telling.now, chat.key, self._agent(chat), note, False))
            if chance(random, 6):
                self._hand_over(chat)
            self._answer(chat)

    def _afterwards(self, chat: Chat) -> Iterator[int]:
        random, telling = chat.random, self._telling
        if chance(random, 32):
            yield telling.now + around(random, HOUR, 1.0)
            rating = random.choices((1, 2, 3, 4, 5), (4, 4, 8, 26, 58))[0]
            telling.tell(ChatRated(telling.now, chat.key, rating, random.choice(vocabulary.REMARKS)))
        if chance(random, 8):
            yield telling.now + around(random, DAY)
            telling.tell(ChatReplied(telling.now, chat.key, chat.person.key, random.choice(vocabulary.FOLLOW_UPS), True))
            telling.tell(ChatTurned(telling.now, chat.key, "open", None))
            yield telling.at_work(telling.now + around(random, 2 * HOUR), random)
            self._answer(chat)
            telling.tell(ChatTurned(telling.now, chat.key, "closed", self._agent(chat)))

    def _agent(self, chat: Chat) -> str:
        if not self._on.staff.is_here(chat.agent):
            self._hand_over(chat)
        return chat.agent

    def _hand_over(self, chat: Chat) -> None:
        chat.agent = self._on.staff.agent(chat.team, chat.random)
        self._telling.tell(ChatAssigned(self._telling.now, chat.key, chat.team, chat.agent))

    def _answer(self, chat: Chat) -> None:
        agent = self._agent(chat)
        text = chat.random.choice(vocabulary.ANSWERS)
        self._telling.tell(ChatReplied(self._telling.now, chat.key, agent, text, True))
