"""Troubles that a person has to know of, each told once an hour at most for each thing that it is about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.channels import staff_chat
from bot.chat import filing as filing_view
from bot.chat import folder
from bot.chat.wording import clipped, instant
from bot.links import to_message
from bot.model import (
    AccountState,
    ChatId,
    Delete,
    Effect,
    FindingId,
    Keyboard,
    Language,
    Place,
    Send,
)
from bot.store import Tx, outbox
from bot.store.accounts import Account
from bot.store.filings import Filing, FilingState, Option
from bot.store.joins import Join, JoinState
from bot.texts import Value, text

MAX_TITLE = 100


class Notices:
    def __init__(
        self,
        *,
        configured_staff_chat: ChatId,
        admins: Sequence[ChatId],
        language: Language,
        zone: ZoneInfo,
        now: Callable[[], datetime],
    ) -> None:
        self._configured_staff_chat = configured_staff_chat
        self._admins = admins
        self._language = language
        self._zone = zone
        self._now = now

    async def to_staff(self, tx: Tx, code: str, **values: Value) -> None:
        """Post the text `notice-<code>` in the staff chat."""
        await self._to_staff(tx, f"notice-{code}", values)

    async def of_account(self, tx: Tx, account: Account, state: AccountState, until: datetime | None) -> None:
        """Post in the staff chat that an account is in another state."""
        at = instant(until, self._zone) if until else ""
        await self._of_account(tx, account, str(state), until=at)

    async def of_failure(self, tx: Tx, account: Account, trouble: str) -> None:
        """Post in the staff chat that something unforeseen went wrong with an account."""
        await self._of_account(tx, account, "failed", trouble=trouble)

    async def _of_account(self, tx: Tx, account: Account, what: str, **values: Value) -> None:
        values |= {"account": f"{account.id} ({account.name})"}
        await self._to_staff(tx, f"notice-account-{what}", values, about=str(account.id))

    async def of_return(self, tx: Tx, finding_id: FindingId) -> None:
        """Post in the staff chat that a post which was removed is there again."""
        number = str(finding_id)
        await self._to_staff(tx, "notice-came-back", {"finding": number}, about=number, of=(finding_id,))

    async def of_join(self, tx: Tx, join: Join, state: JoinState, number: str, words: str) -> None:
        """Post in the staff chat what came of joining; `words` are the channel's title, or a reason's code."""
        chat_id = await staff_chat(tx, self._configured_staff_chat)
        key = f"staff-join-{state}"
        values: dict[str, Value] = {"link": join.request.link}
        if state is JoinState.JOINED:
            values |= {"channel": clipped(words, MAX_TITLE), "number": number}
        if state is JoinState.PERSON:
            values |= {"reason": text(self._language, f"staff-join-reason-{words}")}
        keyboard: Keyboard = ()
        if state is JoinState.LISTED:
            message, keyboard = await folder.render(tx, join, self._language)
        else:
            message = text(self._language, key, **values)
        effects: list[Effect] = [Send(chat_id, message, keyboard)]
        now = self._now()
        await outbox.add(tx, effects, key=f"join:{join.id}:{state}:{now.isoformat()}", now=now)

    async def of_filing(self, tx: Tx, filing: Filing, state: FilingState, menu: tuple[Option, ...]) -> None:
        """Tell who asked for it how far a report by an account is; once it is filed, the alert says so too."""
        effects = filing_view.render(filing, state, menu, self._language)
        if state is FilingState.FILED:
            effects += await filing_view.show_alert(tx, filing.finding_id)
        now = self._now()
        await outbox.add(tx, effects, key=f"filing:{filing.id}:{now.isoformat()}", now=now)

    async def _to_staff(
        self, tx: Tx, key: str, values: dict[str, Value], *, about: str = "", of: tuple[FindingId, ...] = ()
    ) -> None:
        await self._tell(tx, [await staff_chat(tx, self._configured_staff_chat)], key, values, about, of)

    async def to_admins(self, tx: Tx, code: str, **values: Value) -> None:
        """Send the text `notice-<code>` to every admin privately, for when the staff chat itself is in trouble."""
        await self._tell(tx, self._admins, f"notice-{code}", values)

    async def of_message_left(self, tx: Tx, effect: Delete, trouble: str) -> None:
        """Tell every admin privately that a message of a group could not be deleted."""
        link = to_message(Place(effect.chat_id, effect.message_id)).best
        shown = link or text(self._language, "alert-no-link", message=str(effect.message_id))
        values: dict[str, Value] = {"message": shown, "trouble": trouble}
        await self._tell(tx, self._admins, "notice-message-left", values, about=link or "")

    async def _tell(
        self,
        tx: Tx,
        chats: Sequence[ChatId],
        key: str,
        values: dict[str, Value],
        about: str = "",
        of: tuple[FindingId, ...] = (),
    ) -> None:
        """`about` is what it is told of once an hour; it goes with the findings that it is `of`."""
        now = self._now()
        message = text(self._language, key, **values)
        effects: list[Effect] = [Send(chat_id, message, about=of) for chat_id in chats]
        await outbox.add(tx, effects, key=f"{key}{about}:{now:%Y-%m-%dT%H}", now=now)
