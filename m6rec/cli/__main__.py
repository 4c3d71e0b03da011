"""Run the command line with ``python -m m6rec.cli``."""

from m6rec.cli import main

main(prog_name="m6rec")
