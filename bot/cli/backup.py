"""`jikimi backup`: a copy of the database."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.opening import ConfigFile, load

app = typer.Typer()


@app.command("backup")
def backup_command(
    file: Annotated[Path, typer.Argument(help="Where to write the copy.", show_default=False)],
    config_file: ConfigFile = Path("config.toml"),
) -> None:
    """Copy the database (SQLite) as it is now, also while the bot runs.

    Only you can read the copy. It replaces no file, and has its name only once it is whole. The key file is not in it: back
    that up once, and keep it apart from the copy.

    To restore, stop the bot, put the copy in the database's place, delete the files beside it whose names end with -wal and
    -shm, and run `jikimi check`. What was taken away since is back then: what people withdrew, staff who were removed,
    channels whose authorisation was revoked. Keep no old copies.
    """
    from bot.store.backup import copy_to

    loaded = load(config_file)
    database = copy_to(loaded.store.url, file)
    typer.echo(f"Written: {file}")
    typer.echo(f"The key file is not in it, and has to be kept apart from it: {loaded.store.key_file}")
    typer.echo(
        f"To restore: stop the bot, put the copy in the place of {database}, delete {database}-wal and {database}-shm where "
        "they are, and run `jikimi check`."
    )
    typer.echo("What people withdraw from now on is in the copy still. Keep no old copies.")
