"""Statistics of a conversation, recomputed from its parts (developers.intercom.com, conversation statistics)."""

from __future__ import annotations

from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.intercom.collection import Body
from sandbox.intercom.hours import office_seconds

_REPLIES = ("comment", "assignment", "open", "close", "snoozed")
"""Kinds of parts that can carry words for the customer."""


def _times(parts: list[Body], kinds: tuple[str, ...], *, by: tuple[str, ...] | None = None) -> list[int]:
    return [p["created_at"] for p in parts if p["part_type"] in kinds and (by is None or p["author"]["type"] in by)]


def _said(parts: list[Body], by: tuple[str, ...]) -> list[int]:
    return [p["created_at"] for p in parts if p["body"] and p["part_type"] in _REPLIES and p["author"]["type"] in by]


def _first(times: list[int]) -> int | None:
    return times[0] if times else None


def _last(times: list[int]) -> int | None:
    return times[-1] if times else None


def _reply_times(asked: list[int], answered: list[int], zone: ZoneInfo) -> list[int]:
    """How long each question waited for the next answer."""
    found, answers = [], iter(answered)
    answer = next(answers, None)
    waiting: int | None = None
    for at in asked:
        while answer is not None and answer < at:
            if waiting is not None:
                found.append(office_seconds(waiting, answer, zone))
                waiting = None
            answer = next(answers, None)
        waiting = at if waiting is None else waiting
    if waiting is not None and answer is not None:
        found.append(office_seconds(waiting, answer, zone))
    return found


def _teams(body: Body, parts: list[Body], replied: list[int], zone: ZoneInfo, names: dict[str, str]) -> tuple[Any, Any]:
    """How long each assigned team took for its first answer: by the clock, and within office hours."""
    whole: list[Body] = []
    office: list[Body] = []
    for part in parts:
        to = part["assigned_to"] or {}
        if part["part_type"] != "assignment" or to.get("type") != "team":
            continue
        answer = next((at for at in replied if at >= part["created_at"]), None)
        if answer is None or any(entry["team_id"] == int(to["id"]) for entry in whole):
            continue
        known = {"team_id": int(to["id"]), "team_name": names.get(str(to["id"]), "")}
        whole.append({**known, "response_time": answer - part["created_at"]})
        office.append({**known, "response_time": office_seconds(part["created_at"], answer, zone)})
    return whole, office


def statistics(body: Body, parts: list[Body], zone: ZoneInfo, names: dict[str, str], paused: int = 0) -> Body:
    """The statistics object."""
    begun = body["created_at"]
    source = (body["source"] or {}).get("author", {}).get("type")
    asked = ([begun] if source in ("user", "lead") else []) + _said(parts, ("user", "lead"))
    replied = ([begun] if source == "admin" else []) + _said(parts, ("admin",))
    assigned, closed = _times(parts, ("assignment",)), _times(parts, ("close",))
    after_assignment = [at for at in replied if assigned and at >= assigned[-1]]
    waits = _reply_times(asked, replied, zone)
    whole, office = _teams(body, parts, replied, zone, names)
    closers = [p["author"]["id"] for p in parts if p["part_type"] == "close" and p["author"]["type"] == "admin"]

    def since(at: int | None) -> int | None:
        return None if at is None else office_seconds(begun, at, zone)

    return {
        "type": "conversation_statistics",
        "time_to_assignment": assigned[0] - begun if assigned else None,
        "time_to_admin_reply": since(_first(replied)) if source != "admin" else None,
        "time_to_first_close": since(_first(closed)),
        "time_to_last_close": since(_last(closed)),
        "median_time_to_reply": int(median(waits)) if waits else None,
        "first_contact_reply_at": _first(asked),
        "first_assignment_at": _first(assigned),
        "first_admin_reply_at": _first(replied),
        "first_close_at": _first(closed),
        "last_assignment_at": _last(assigned),
        "last_assignment_admin_reply_at": _first(after_assignment),
        "last_contact_reply_at": _last(asked),
        "last_admin_reply_at": _last(replied),
        "last_close_at": _last(closed),
        "last_closed_by_id": closers[-1] if closers else None,
        "count_reopens": max(0, len(_times(parts, ("open",)))),
        "count_assignments": len(assigned),
        "count_conversation_parts": len(parts),
        "handling_time": max(0, office_seconds(assigned[0], closed[-1], zone) - paused) if assigned and closed else 0,
        "adjusted_handling_time": None,
        "assigned_team_first_response_time": whole,
        "assigned_team_first_response_time_in_office_hours": office,
    }
