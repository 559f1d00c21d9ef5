"""Which messages tell of a finding beside its alert and its figure, so that they can go with it."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select

from bot.model import CaseId, ChatId, FindingId, MessageId
from bot.store import tables as t
from bot.store.tx import Tx

_CHAT = "mentions.chat"
_CHAT_KEY = "mentions.chat_key"


async def are_there(tx: Tx, finding_ids: Collection[FindingId]) -> bool:
    """Whether none of the findings was erased."""
    rows = await tx.all(select(t.findings.c.id).where(t.findings.c.id.in_(finding_ids)))
    return len(rows) == len(set(finding_ids))


async def add(tx: Tx, finding_ids: Collection[FindingId], *, chat_id: ChatId, message_id: MessageId) -> bool:
    """The message tells of these findings. False: one of them was erased meanwhile, and the message must go."""
    # Whoever erases waits until this is known, or has erased.
    held = select(t.findings.c.id).where(t.findings.c.id.in_(finding_ids)).with_for_update(read=True)
    if len(await tx.all(held)) < len(set(finding_ids)):
        return False
    chat, key = tx.cipher.seal(_CHAT, str(chat_id).encode()), tx.cipher.digest(_CHAT_KEY, chat_id)
    rows = [
        {"finding_id": finding_id, "chat_key": key, "message_id": message_id, "chat": chat}
        for finding_id in sorted(set(finding_ids))
    ]
    await tx.execute(tx.insert(t.mentions).on_conflict_do_nothing(), rows)
    return True


async def of_case(tx: Tx, case_id: CaseId) -> list[tuple[ChatId, MessageId]]:
    """The messages that tell of a finding of the case, each once. Others are remembered only after the end of `tx`."""
    await tx.all(select(t.findings.c.id).where(t.findings.c.case_id == case_id).with_for_update())
    rows = await tx.all(
        select(t.mentions.c.chat, t.mentions.c.message_id)
        .join(t.findings)
        .where(t.findings.c.case_id == case_id)
    )
    return sorted({(ChatId(int(tx.cipher.open(_CHAT, row.chat))), MessageId(row.message_id)) for row in rows})
