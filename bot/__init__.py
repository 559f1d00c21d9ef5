"""Jikimi: the bot around the matcher."""
