"""Keep the training requests clear of the held-out ones.

    python scripts/check_overlap.py             # print the training utterances that come too close
    python scripts/check_overlap.py --delete    # rewrite the lists without them
    python scripts/check_overlap.py --show      # also print the held-out request (spoils it)

An utterance comes too close if it shares with any one held-out request two content words, or one
content word that occurs in at most three training utterances. Content words are case-folded, lightly
stemmed, and none of the words that every request for a film may use; Chinese is cut into pairs of
characters. Held-out requests and the words shared with them stay unprinted unless asked for, so that
nobody writes training text around them. Exit code 1 if an utterance came too close and was kept.
"""

import argparse
import json
import re
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from m6rec.atomic import write_text

ROOT = Path(__file__).resolve().parents[1]
HELD_OUT = ("free", "unheard")
RARE = 3
MOST_SHARED = 1

# Function words, and the words of any request for a film: they say nothing of which film.
ENGLISH = """
a about above across after again all almost already also always am an and another any
anybody anyone anything are around as ask at away back be because been before behind being best
better between big bit both but by came can cannot come could day did do does don done down
didn doesn during each else end enough especially even ever every everybody everyone everything family
favourite favorite feel few film find first flick for from full get getting give go going
gone good got great guy had has hasn have having he hello help her here hers hi him his how i
if in into is isn it its just keep kind know last least less let life like likes lil little ll
long look looking lot love made make man many may maybe me mean men might mine more most movie
much must my need never new next nice night no nobody none not nothing now of off ok old on
once one only onto open or other our out over own part pick picture people perhaps person
please plz pls put quite rather re really recommend right s say see seen set she should show
since so some somebody someone something sort start still story stuff such suggest sure t take
than thanks thank that the their them then there these they thing think this those though three
through till time to today together tonight too two type under until up upon us use ve very
want was watch watching way we week weekend well were what when where which while who whole whom
whose why will with within without woman women world would year yet you young your
"""
CHINESE_STOP = (
    "有没有 电影 影片 片子 推荐 一部 一个 一些 一下 一点 一场 想看 看看 好看 今晚 晚上 适合 给我 我想 "
    "关于 故事 那种 那类 什么 帮我 讲述 可以 不要 不太 没有 喜欢 最好 非常 有点 有关 人生 世界 时间 家人 "
    "爱情 我 你 他 她 它 的 了 在 和 与 是 有 就 也 都 很 吗 呢 吧 啊 个 部 些 这 那 给 让 被 把 看 片 想"
)

WORD = re.compile(r"[^\W\d_]+")
VARIABLE = re.compile(r"\{\w+\}")
CHINESE = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]+")
EMPTY_WISH = re.compile(r"^\[\[wish\]\]\n(?:[^\[\n]*=.*\n)*?text = \[\n\]\n\n?", re.MULTILINE)
LINE = re.compile(r'^\s*(?P<string>".*"),?\s*$')


def stem(word: str) -> str:
    """One form for the plural, -ing and -ed forms of an English word."""
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3:
        word = word[:-1]
    for ending in ("ing", "ed"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            break
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "aeiou":
        word = word[:-1]
    if word.endswith("e") and len(word) > 3:
        word = word[:-1]
    return word[:-1] + "i" if word.endswith("y") else word


STOP_STEMS = frozenset(stem(word) for word in ENGLISH.split())


def content_words(text: str) -> frozenset[str]:
    """The stems and Chinese character pairs of a text that say what it is about."""
    folded = text.casefold().replace("\u2019", "'")
    latin = VARIABLE.sub(" ", CHINESE.sub(" ", folded))
    stems = {stem(word) for word in WORD.findall(latin) if len(word) > 1}
    chinese = folded
    for word in CHINESE_STOP.split():
        chinese = chinese.replace(word, " ")
    pairs = {run[i : i + 2] for run in CHINESE.findall(chinese) for i in range(len(run) - 1)}
    return frozenset((stems - STOP_STEMS) | pairs)


def too_close(training: Iterable[str], held_out: Iterable[str]) -> dict[str, str]:
    """Each training utterance that comes too close, and the first held-out request it is close to.

    Word counts are those of the training text as given, so a word may become rare once the result
    has been deleted: repeat until the result is empty.
    """
    words = {text: content_words(text) for text in training}
    counts = Counter(word for found in words.values() for word in found)
    tests = [(request, content_words(request)) for request in held_out]
    close: dict[str, str] = {}
    for text, found in words.items():
        for request, asked in tests:
            shared = found & asked
            if len(shared) > MOST_SHARED or any(counts[word] <= RARE for word in shared):
                close[text] = request
                break
    return close


def utterances(tree: Any) -> Iterator[str]:
    """Every string of every `text` list, however deep in a parsed TOML file."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            if key == "text":
                yield from value
            else:
                yield from utterances(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from utterances(value)


def without(toml: str, unwanted: Iterable[str]) -> str:
    """The TOML text less the lines that hold nothing but one of the unwanted strings.

    A string that shares its line with another stays, so that no list laid out by hand is reflowed.
    A wish that is left without text goes as well.
    """
    unwanted = frozenset(unwanted)
    lines = (line for line in toml.splitlines(keepends=True) if _string_on(line) not in unwanted)
    return EMPTY_WISH.sub("", "".join(lines))


def _string_on(line: str) -> str | None:
    match = LINE.match(line)
    if match is None:
        return None
    try:
        found = tomllib.loads(f"x = [{match['string']}]")["x"]
    except tomllib.TOMLDecodeError:
        return None
    return str(found[0]) if len(found) == 1 else None


def _read(folder: Path) -> dict[Path, list[str]]:
    paths = sorted(folder.rglob("*.toml"))
    return {p: list(utterances(tomllib.loads(p.read_text(encoding="utf-8")))) for p in paths}


def _held_out(paths: Sequence[Path]) -> list[str]:
    lines = [line for path in paths for line in path.read_text(encoding="utf-8").splitlines()]
    return [json.loads(line)["request"] for line in lines if line.strip()]


def _delete(close: Iterable[str], lists: dict[Path, list[str]]) -> bool:
    changed = False
    for path in lists:
        old = path.read_text(encoding="utf-8")
        new = without(old, close)
        if new != old:
            write_text(path, new)
            changed = True
    return changed


def run(folder: Path, held_out: Sequence[Path], *, delete: bool, show: bool) -> int:
    """Print, and where asked delete, what comes too close; returns the exit code."""
    requests = _held_out(held_out)
    lists = _read(folder)
    close = _too_close_in(lists, requests)
    before = sum(map(len, lists.values()))
    found = dict(close)
    while delete and close and _delete(close, lists):
        lists = _read(folder)
        close = _too_close_in(lists, requests)
        found |= close
    for text, request in found.items():
        print(f"{text}\t{request}" if show else text)
    left = sum(map(len, lists.values()))
    print(f"{before - left} deleted, {left} left, {len(close)} too close", file=sys.stderr)
    for path, texts in lists.items() if delete else ():
        for text in close.keys() & set(texts):
            print(f"{path.name}: give {text!r} its own line, or delete it", file=sys.stderr)
    return 1 if close else 0


def _too_close_in(lists: dict[Path, list[str]], requests: list[str]) -> dict[str, str]:
    return too_close((text for texts in lists.values() for text in texts), requests)


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line, or `arguments` instead, and run."""
    parser = argparse.ArgumentParser(description="Keep training requests clear of held-out ones.")
    parser.add_argument("--requests", type=Path, default=ROOT / "prompts" / "requests")
    sets = [ROOT / "eval" / "requests" / f"{name}.jsonl" for name in HELD_OUT]
    parser.add_argument("--held-out", type=Path, nargs="+", default=sets)
    parser.add_argument("--delete", action="store_true", help="rewrite the lists without them")
    parser.add_argument("--show", action="store_true", help="print the held-out requests too")
    chosen = parser.parse_args(arguments)
    if not (folder := chosen.requests).is_dir() or not list(folder.rglob("*.toml")):
        parser.error(f"no .toml file in {folder}")
    for path in chosen.held_out:
        if not path.is_file():
            parser.error(f"no such file: {path}")
    return run(folder, chosen.held_out, delete=chosen.delete, show=chosen.show)


if __name__ == "__main__":
    sys.exit(main())
