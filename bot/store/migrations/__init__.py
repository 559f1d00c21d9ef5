"""Alembic's folder: one step a file under `versions/`, never edited after a release."""
