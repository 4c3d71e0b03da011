r"""Fetch ReDial, 11,348 recorded conversations about films, for ``m6rec eval --tasks conversations``.

    python scripts/fetch_redial.py data/redial
    m6rec eval --tasks conversations --file conversations=data/redial/test_data.jsonl \
        --file conversations-train=data/redial/train_data.jsonl --out runs/conversations

Li, Kahou, Schulz, Michalski, Charlin, Pal: "Towards deep conversational recommendations", NeurIPS 2018;
CC BY 4.0. A file of conversations that is already here can be cut into two halves, one to learn from
and one to judge on, without a conversation in both:

    python scripts/fetch_redial.py data/redial --halve data/redial/valid.jsonl
"""

import argparse
import json
import sys
import zipfile
from pathlib import Path

from m6rec.atomic import replaced_file
from m6rec.download import download
from m6rec.errors import CatalogError, M6RecError, PullError
from m6rec.pull import sha256_of
from m6rec.sources.redial import SHA256, URL

MEMBERS = ("train_data.jsonl", "test_data.jsonl")


def fetch(folder: Path, archive: Path | None) -> list[Path]:
    """Fetch the archive, unless one is given, check it and unpack the conversations.

    Raises:
        PullError: It cannot be fetched, has another hash, or lacks a file.
    """
    here = archive or folder / "redial_dataset.zip"
    if archive is None and not here.exists():
        part = here.with_name(here.name + ".part")
        download(URL, part, what="ReDial")
        part.replace(here)
    found = sha256_of(here)
    if found != SHA256:
        raise PullError(
            f"{here} has the sha256 {found}, not {SHA256}; delete it and fetch it again, or unpack "
            f"{' and '.join(MEMBERS)} by hand if its makers have renewed it"
        )
    written = []
    with zipfile.ZipFile(here) as zipped:
        for member in MEMBERS:
            if member not in zipped.namelist():
                raise PullError(f"{here} has no {member}; it has {', '.join(zipped.namelist())}")
            with replaced_file(folder / member) as part:
                part.write_bytes(zipped.read(member))
            written.append(folder / member)
    return written


def halve(path: Path, folder: Path) -> list[Path]:
    """Write the first half of the conversations of a file and the second, as they are.

    Raises:
        CatalogError: The file cannot be read, or a line names no conversation.
    """
    try:
        lines = [line for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]
        records = [json.loads(line) for line in lines]
        names = [str(r["conversationId"] if "messages" in r else r["dialog_id"]) for r in records]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CatalogError(f"cannot halve {path}: {error!r}") from error
    order = list(dict.fromkeys(names))
    first = set(order[: len(order) // 2])
    written = []
    for what, inside in (("first", True), ("second", False)):
        kept = [line for line, name in zip(lines, names, strict=True) if (name in first) == inside]
        target = folder / f"{path.stem}.{what}.jsonl"
        with replaced_file(target) as part:
            part.write_text("\n".join(kept) + "\n", encoding="utf-8")
        written.append(target)
    return written


def main() -> None:
    """Fetch, or halve a file."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path, help="where the files are written")
    parser.add_argument("--archive", type=Path, help="the zip file, when it is here already")
    parser.add_argument("--halve", type=Path, metavar="FILE", help="cut this file instead")
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    try:
        written = (
            halve(chosen.halve, chosen.folder)
            if chosen.halve
            else fetch(chosen.folder, chosen.archive)
        )
    except M6RecError as error:
        sys.exit(str(error))
    for path in written:
        print(path)


if __name__ == "__main__":
    main()
