"""Prompt templates as data: found, checked and hashed here, written in `prompts/`.

A template is a text file with ``$name`` variables (`string.Template`). Its hash goes into the
model folder, so that a model is never asked in words it was not tuned on.
"""

import hashlib
import string
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from m6rec.errors import ConfigError


def prompts_folder() -> Path:
    """The folder of templates: inside the installed package, else beside it in a checkout.

    Raises:
        ConfigError: Neither place exists, so the installation is incomplete.
    """
    package = Path(__file__).resolve().parent
    for folder in (package / "_prompts", package.parent / "prompts"):
        if folder.is_dir():
            return folder
    raise ConfigError(
        f"no prompts folder in {package} nor beside it: the installation is incomplete; "
        "reinstall m6rec"
    )


@dataclass(frozen=True, slots=True)
class Template:
    """One prompt template.

    Attributes:
        name: File name without ending.
        text: The template with its ``$variables``.
    """

    name: str
    text: str

    def render(self, **values: str) -> str:
        """Fill every variable.

        Raises:
            ConfigError: A variable of the template has no value, or a ``$`` begins none.
        """
        try:
            return string.Template(self.text).substitute(values)
        except KeyError as missing:
            raise ConfigError(
                f"prompt template '{self.name}' needs ${missing.args[0]}, "
                f"which was not given (given: {', '.join(sorted(values)) or 'nothing'})"
            ) from None
        except ValueError as error:
            raise ConfigError(
                f"prompt template '{self.name}' has a $ that begins no variable ({error}); "
                "write $$ for a dollar sign"
            ) from None

    @property
    def content_hash(self) -> str:
        """First 16 hex digits of the sha256 of the text."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:16]


@cache
def load_template(name: str) -> Template:
    """Read `prompts/<name>.txt`; one trailing line end is not part of the template.

    Raises:
        ConfigError: There is no such template; the message lists those there are.
    """
    path = prompts_folder() / f"{name}.txt"
    if not path.is_file():
        known = ", ".join(sorted(p.stem for p in path.parent.glob("*.txt"))) or "none"
        raise ConfigError(f"no prompt template '{name}' in {path.parent} (there are: {known})")
    return Template(name, path.read_text(encoding="utf-8").removesuffix("\n"))


class PromptWriter:
    """Writes the prompt of a request: worked examples, then the wish and the history in words.

    Args:
        template: The template of one question, with ``$request`` and ``$noun``.
        noun: What one item is called.
        examples: Worked examples, each ``request -> description: title``.

    Raises:
        ConfigError: An example has no arrow.
    """

    def __init__(self, template: Template, noun: str, examples: tuple[str, ...] = ()) -> None:
        self._template = template
        self._noun = noun
        self._shots = "".join(self._shot(example) for example in examples)

    def _shot(self, example: str) -> str:
        request, arrow, answer = example.partition("->")
        if not arrow:
            raise ConfigError(
                f"worked example {example!r} has no arrow; write 'request -> description: title'"
            )
        return f"{self.question(request.strip())} {answer.strip()}\n"

    def question(self, request: str) -> str:
        """The template filled with one request, ending where the answer begins."""
        return self._template.render(request=request, noun=self._noun)

    def write(self, request: str, liked_titles: tuple[str, ...] = ()) -> str:
        """The whole prompt.

        Args:
            request: The wish in words; may be empty when there is a history.
            liked_titles: What the person liked, oldest first.
        """
        return self._shots + self.question(spoken_request(request, liked_titles))


def spoken_request(request: str, liked_titles: tuple[str, ...]) -> str:
    """Wish and history as one utterance; the history first, so that a changed wish costs least."""
    # A line end inside the wish would look like the end of the question.
    wish = " ".join(request.split())
    if not liked_titles:
        return wish
    return f"I liked {'; '.join(liked_titles)}. {wish}".rstrip()
