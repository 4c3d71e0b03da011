"""The model card: what a folder was made from, what it reached and where it ends, for people to read.

Everything in it comes from the manifest and the journal.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from m6rec.making.journal import Entry, first
from m6rec.making.scores import NEW
from m6rec.model_folder import Manifest

CARD = "README.md"
_SIZES = {
    "lora": ("rank", "lowest_layer"), "ia3": (), "full": (),
    "prefix": ("n_virtual",), "prompt": ("n_virtual",), "option": ("n_virtual",),
}  # fmt: skip
"""What the size of an adapter is called, by method."""
_BEFORE_AFTER = (
    ("old_before", "old_after", "old pairs"),
    ("new_before", "new_after", "new choices"),
)


def card(manifest: Manifest, entries: Sequence[Entry], *, name: str, plot: str = "") -> str:
    """The card as Markdown.

    Args:
        manifest: Of the folder.
        entries: The journal of the run.
        name: What the folder is called.
        plot: File name of a picture of the loss; "" for none.
    """
    run = first(entries, "run") or {}
    lines = [f"# {name}", "", *_summary(manifest, run)]
    for title, body in (
        ("Data", _data(run)),
        ("How it was tuned", _settings(manifest, run, entries)),
        ("Validation", _scores(manifest, entries, plot)),
        ("Use", _use(name)),
        ("Limits", _limits(run)),
    ):
        lines += ["", f"## {title}", "", *body]
    return "\n".join(lines) + "\n"


def _summary(manifest: Manifest, run: Entry) -> Iterator[str]:
    how = f"`{_base(manifest)}`, tuned by {manifest.method}"
    yield f"A recommender for {run['items']:,} items of {run['catalog']}: {how}, with m6rec."
    yield "It names items of this catalog only."


def _data(run: Entry) -> Iterator[str]:
    yield f"- Catalog: {run['catalog']} (sha256 {run['catalog_hash']}...), {run['items']:,} items"
    if run["interactions"] is None:
        yield "- Interactions: none; it knows what items are, not who chooses them"
    else:
        yield f"- Interactions: {run['interactions']:,} of {run['users']:,} users"
        yield "- Each user's last choice was never learned by the language model: it is for judging"
    yield f"- Said before a title: {_fields(run)} ({run['paths']:,} paths)"
    if run.get("from"):
        yield f"- Tuned further from {run['from']}: {run['added']:,} new interactions of {run['source']}"
        yield f"- Replay: {run['replay']:.0%} of the pairs were old ones"


def _fields(run: Entry) -> str:
    fields = run["fields"]
    if fields["describe"] == "bare":
        return "nothing (bare titles)"
    lead = [fields["lead"]] if fields["lead"] else []
    decade = ["decade"] if fields["decades"] else []
    others = [] if fields["describe"] == "one" else fields["others"]
    return (
        ", ".join([*lead, *decade, *others]) or "nothing: there is no field that groups the items"
    )


def _settings(manifest: Manifest, run: Entry, entries: Sequence[Entry]) -> Iterator[str]:
    licence = run["licence"] or "unknown: look it up before you pass this folder on"
    yield f"- Base model: {_base(manifest)} (licence: {licence})"
    sizes = {name: run["adapter"][name] for name in _SIZES.get(manifest.method, ())}
    yield f"- Method: {manifest.method}{_named(sizes) and f' ({_named(sizes)})'}"
    yield f"- Objective: {run['objective']}; {_named(run['loop'])}"
    yield f"- Prompt: {manifest.template}; number format: {run['dtype']}; seed: {manifest.seed}"
    end, steps = first(reversed(entries), "end") or {}, first(entries, "plan") or {}
    best = f"best after step {end['step']} of {steps['steps']}"
    if not end["step"]:
        best = f"none of {steps['steps']} steps was better, so the weights are those of before"
    took = f"took {end['minutes']:.1f}"
    yield f"- Asked for {run['minutes']:g} minutes, {took}; {best} ({end['why']})"
    if end["peak_memory_mb"] is not None:
        yield f"- Most memory held: {end['peak_memory_mb'] / 1000:.2f} GB"
    yield f"- Made with {', '.join(f'{k} {v}' for k, v in manifest.versions.items())}"


def _scores(manifest: Manifest, entries: Sequence[Entry], plot: str) -> Iterator[str]:
    scores = manifest.scores
    begin = first(entries, "validation", step=0) or {"tasks": {}}
    yield "Loss in nats per choice, lower is better; on pairs that were never learned."
    yield ""
    yield "| pairs | before | after |"
    yield "|---|---|---|"
    yield f"| all | {scores['loss_before']:.3f} | {scores['loss']:.3f} |"
    for before, after, what in _BEFORE_AFTER:
        if before in scores:
            yield f"| {what} | {scores[before]:.3f} | {scores[after]:.3f} |"
    for task, value in begin["tasks"].items():
        if task in scores:
            shown = task.removeprefix(NEW) + (" (new)" if task.startswith(NEW) else "")
            yield f"| {shown} | {value:.3f} | {scores[task]:.3f} |"
    if plot:
        yield ""
        yield f"![loss]({plot})"


def _use(name: str) -> Iterator[str]:
    yield "    pip install m6rec"
    yield f'    m6rec recommend --model {name} "something like ..."'
    yield f"    m6rec chat --model {name}"
    yield f"    m6rec tune --from {name} new.csv --out {name}-2"


def _limits(run: Entry) -> Iterator[str]:
    yield "- The figures above say how well held-out pairs are told apart, not how much people like"
    yield "  the lists; `m6rec eval` judges those."
    yield "- What a field does not say, and the base model does not know, cannot be asked for."
    if run["interactions"] is None:
        yield "- Without interactions a history is read for what its items are, not for who chose them."
    else:
        yield "- Who chose what is a sample of some people at some time; what they overlooked is rarely"
        yield "  recommended from a history alone."
    yield "- Requests in languages other than English and Chinese were not among the pairs."


def _base(manifest: Manifest) -> str:
    """The base model's name; of a folder of somebody's machine only its own."""
    path = Path(manifest.base)
    return path.name if path.is_absolute() else manifest.base


def _named(settings: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {_value(value)}" for name, value in settings.items())


def _value(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
