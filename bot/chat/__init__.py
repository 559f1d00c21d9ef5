"""Conversations: a message or a pressed button in, effects out. Rules are in the rooms beside, prose in `bot.texts`."""
