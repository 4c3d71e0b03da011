"""Where conversations are kept between runs, and their transcripts written."""

import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING

from m6rec.atomic import write_text
from m6rec.errors import RequestError
from m6rec.home import home

if TYPE_CHECKING:
    from m6rec.catalog import Catalog
    from m6rec.chat import Dialogue
    from m6rec.chat.state import State

_LONGEST_SLUG = 40


def chat_file(name: str) -> Path:
    """Return the file of the conversation kept under a name; any name makes a file name."""
    slug = re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")[:_LONGEST_SLUG]
    key = hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:12]
    return home() / "chats" / f"{slug}-{key}.json"


def load_chat(name: str, catalog: "Catalog") -> "State":
    """Return the conversation kept under a name.

    Raises:
        RequestError: The file cannot be read, or is about another catalog.
    """
    from m6rec.chat.saved import from_json

    path = chat_file(name)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RequestError(f"cannot read the conversation in {path}: {error}") from None
    return from_json(text, catalog, str(path))


def save_chat(name: str, dialogue: "Dialogue", catalog: "Catalog") -> str:
    """Keep a conversation under a name, whole or not at all; returns what to tell the person.

    Raises:
        RequestError: The file cannot be written.
    """
    from m6rec.chat.saved import to_json

    path = chat_file(name)
    try:
        write_text(path, to_json(dialogue.state, catalog))
    except OSError as error:
        raise RequestError(f"cannot save to {path}: {error.strerror or error}") from None
    shown = name if re.fullmatch(r"[\w.-]+", name) else f"'{name}'"
    return f"Saved. Go on later with: m6rec chat --user {shown}"


def export_chat(file: str, dialogue: "Dialogue") -> str:
    """Write the transcript as Markdown or JSON, by the file's ending; returns what to tell.

    Raises:
        RequestError: The file is there already, or cannot be written.
    """
    from m6rec import display

    path = Path(file).expanduser()
    if path.exists():
        raise RequestError(f"{path} is there already; choose another name")
    as_json = path.suffix.casefold() == ".json"
    write = display.transcript_json if as_json else display.transcript_markdown
    try:
        write_text(path, write(dialogue.turns))
    except OSError as error:
        raise RequestError(f"cannot write {path}: {error.strerror or error}") from None
    return f"Written: {path}"
