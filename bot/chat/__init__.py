"""Conversations: a message or a pressed button in, effects out. Rules live in the stages, prose in `bot.texts`."""
