"""Accounts of the organisation: they can join channels, read back, and see deletions. Needs the extra `mtproto`."""
