"""What phones and the lecturer ask of a room, checked before anything is done with it; it comes from a browser, so it may be anything."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lsviz.classroom.rooms import Open, Refused, Rooms
from lsviz.state import LANGUAGES

ACTS = ("step", "show", "again", "reveal", "time", "stop", "end")
DEVICE = re.compile(r"[0-9a-f]{32}")
Posted = Mapping[str, Any]


def device(given: object) -> str:
    """The random number that a phone is known by. Raises Refused."""
    if not isinstance(given, str) or not DEVICE.fullmatch(given):
        raise Refused("stranger", 403)
    return given


def lecturers(one: Open, secret: object) -> Open:
    """The room, for who has its secret. Raises Refused."""
    if not isinstance(secret, str) or not one.room.admits(secret):
        raise Refused("secret", 403)
    return one


async def opening(rooms: Rooms, posted: Posted) -> dict[str, str]:
    """A new room's code and secret. Raises Refused and LsvizError."""
    scene, language, step = posted.get("scene"), posted.get("language"), posted.get("step")
    if not isinstance(scene, str) or language not in LANGUAGES or type(step) is not int or step < 1:
        raise Refused("lecture", 400)
    code, secret = await rooms.open(scene, str(language), step)
    return {"code": code, "secret": secret}


async def vote(rooms: Rooms, one: Open, posted: Posted) -> None:
    """A phone's answer. Raises Refused."""
    step, round_, answer = (posted.get(name) for name in ("step", "round", "answer"))
    if type(step) is not int or type(round_) is not int or not isinstance(answer, (int, float, list)):
        raise Refused("choice", 400)
    await rooms.vote(one, device(posted.get("device")), step, round_, answer)


async def word(rooms: Rooms, one: Open, posted: Posted) -> None:
    """The lecturer's word; one that was meant for a step which another window has left meanwhile does nothing. Raises Refused."""
    act, step = posted.get("act"), posted.get("step", one.room.step)
    if act not in ACTS or type(step) is not int:
        raise Refused("act", 400)
    if act != "step" and step != one.room.step:
        raise Refused("turned")
    await rooms.say(one, act, step=step)
