"""Accounts of the organisation in channels that no bot can enter: joining, reading, reporting."""
