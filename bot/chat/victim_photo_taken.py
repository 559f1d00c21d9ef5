"""What becomes of a photo's file that a victim sent."""

from __future__ import annotations

from dataclasses import replace

from bot.chat.victim_screens import Name, Screen
from bot.chat.victim_turn import Turn
from bot.errors import Refused
from bot.victims.photo_files import PhotoFile
from bot.victims.photos import Photos
from matcher import PhotoFeatures


async def take(photos: Photos | None, turn: Turn, file: PhotoFile) -> tuple[Turn, str, tuple[Screen, ...]]:
    """Where the conversation is then, what is to be said of the file, and what is to be shown before all."""
    screens = turn.screens
    if photos is None or not _is_wanted(turn):
        return turn, screens.notice("victim-questions-first"), ()
    if not isinstance(file, PhotoFeatures):
        return turn, screens.photo_not_read(file), ()
    try:
        read = await photos.register(
            turn.tx, turn.case, file, chat_id=turn.talk.chat_id, language=turn.state.language
        )
    except Refused as refused:
        return turn, screens.photo_not_read(refused), ()
    if read.pin is None:
        return replace(turn, case=read.case), screens.photo_read(read), ()
    assert read.case.number is not None
    state = replace(turn.state, case_id=read.case.id, step=Name.CONTACT)
    numbers = screens.numbers(read.case.number, read.pin)
    return replace(turn, case=read.case, state=state), screens.photo_read(read), (numbers,)


def _is_wanted(turn: Turn) -> bool:
    """Besides the step that asks for files: what came together with the one that has opened the case."""
    step, case = turn.state.step, turn.case
    has_photos_only = case is not None and case.photo_count > 0 and case.fingerprint_count == 0
    return step is Name.PHOTO or (step is Name.CONTACT and has_photos_only)
