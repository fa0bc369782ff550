"""A room by question and answer, where none of its own addresses is reached: a page of the app asks for its phone, or for the lecturer.

A question is what the browser says, {"ask": "look", "code": "KVRTM", …}; the answer is a dict, with "refused" the code of a sentence.
"""

from __future__ import annotations

import json
from typing import Any

from lsviz.classroom import checks
from lsviz.classroom.room import desk, mine, public
from lsviz.classroom.rooms import Refused, Rooms
from lsviz.classroom.routes import LONGEST_LECTURE, LONGEST_WORD, Summary, qr_code, summary_file, votes_file
from lsviz.core.errors import LsvizError


async def answer(rooms: Rooms, question: object, summary: Summary) -> dict[str, Any]:
    """What a question is told."""
    try:
        if not isinstance(question, dict):
            raise Refused("posted", 400)
        longest = LONGEST_LECTURE if question.get("ask") == "open" else LONGEST_WORD
        if len(json.dumps(question)) > longest:
            raise Refused("posted", 413)
        return await _answer(rooms, question, summary)
    except Refused as refused:
        return {"refused": refused.code}
    except LsvizError as error:
        return {"refused": error.code, "say": str(error)}
    except OSError:
        return {"refused": "away"}


async def _answer(rooms: Rooms, question: dict[str, Any], summary: Summary) -> dict[str, Any]:
    what = question.get("ask")
    if what == "open":
        return await checks.opening(rooms, question)
    one = await rooms.find(str(question.get("code", "")))
    if what == "look":
        device = checks.device(question.get("device"))
        await rooms.look(one, device)
        return {"told": public(one.room, rooms.clock()), "mine": mine(one.room, device)}
    if what == "vote":
        await checks.vote(rooms, one, question)
        return {}
    if what == "qr":
        return {"text": qr_code(f"{question.get('at', '')}?join={one.room.code}").decode()}
    room = checks.lecturers(one, question.get("secret")).room
    if what == "desk":
        rooms.attended(one)
        return {"told": desk(room, rooms.clock())}
    if what == "say":
        await checks.word(rooms, one, question)
        return {}
    if what == "votes.csv":
        return dict(zip(("name", "text"), votes_file(room)))
    if what == "summary.html":
        return dict(zip(("name", "text"), await summary_file(summary, room)))
    raise Refused("act", 400)
