"""A finished run as a model folder: whole or not there."""

import json
import shutil
from importlib.metadata import version
from pathlib import Path

import torch

from m6rec.atomic import replaced_folder, write_text
from m6rec.decoding.probe import Probe
from m6rec.making.card import CARD, card
from m6rec.making.event_files import LOGS, write_events
from m6rec.making.job import Job
from m6rec.making.journal import JOURNAL, Journal
from m6rec.making.loss_plot import PLOT, draw_loss
from m6rec.making.order import Order
from m6rec.model_folder import Manifest
from m6rec.prompts import load_template

_TOKENIZER_FILES = ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja")
_CONFIG_FILES = frozenset({"config.json", "generation_config.json"})
_ADAPTER_CONFIG = "adapter_config.json"


def manifest_of(order: Order, index_key: str, scores: dict[str, float]) -> Manifest:
    """What a folder says of the run that made it."""
    template = load_template(order.config.prompt.template)
    return Manifest(
        base=order.config.model.base,
        method=order.adapter.method,
        catalog=order.known,
        index_key=index_key,
        template=f"{order.config.prompt.template} {template.content_hash}",
        seed=order.seed,
        versions={name: version(name) for name in ("m6rec", "torch", "transformers", "peft")},
        scores=scores,
    )


def write_folder(
    out: Path,
    job: Job,
    weights: Path,
    probe: Probe | None,
    crowd: Path | None,
    journal: Journal,
    scores: dict[str, float],
) -> None:
    """Write the model folder.

    Args:
        out: Where.
        job: The run.
        weights: As `keep_weights` left them.
        probe: What reads kinds in the model's state; None for nothing.
        crowd: What was trained on who chose what; None for nothing.
        journal: Of the run, to its end.
        scores: Validation figures.
    """
    order = job.order
    manifest = manifest_of(order, job.index.key, scores)
    with replaced_folder(out, manifest.as_dict()) as part:
        write_text(part / "config.toml", order.config.to_toml())
        shutil.copytree(weights, part / weights.name)
        if probe is not None:
            probe.save(part / "probe.safetensors")
        if not order.known:
            order.catalog.save(part / "catalog.jsonl")
            if order.choices is not None:
                order.choices.save(part / "interactions.parquet")
        # Tuning learned what to add to the base model with its neutral request divided out, so
        # that is what decoding divides out: the tuned model's own lowers precision on the development
        # requests from 0.71 to 0.56 (eval/LOG.md).
        (part / "neutral.f16").write_bytes(job.neutral_file.read_bytes())
        for file in [] if crowd is None else sorted(crowd.glob("*.safetensors")):
            (part / "crowd").mkdir(exist_ok=True)
            (part / "crowd" / file.name).write_bytes(file.read_bytes())
        journal.save(part / JOURNAL)
        drawn = draw_loss(journal.entries, part / PLOT)
        write_events(journal.entries, part / LOGS)
        write_text(
            part / CARD, card(manifest, journal.entries, name=out.name, plot=PLOT if drawn else "")
        )


def keep_weights(order: Order, best: Path, work: Path, base: Path) -> Path:
    """Copy what PEFT or transformers saved, without the loop's manifest; bf16 halves an adapter.

    Args:
        order: What is tuned on what.
        best: What was saved.
        work: The state of the run, where the copy is kept; one of an interrupted run is replaced.
        base: Folder of the base model.

    Returns:
        The copy, named as in a model folder.
    """
    from safetensors.torch import load_file, save_file

    whole = order.adapter.method == "full"
    target = work / ("model" if whole else "adapter")
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    for path in sorted(best.iterdir()):
        copy = target / path.name
        if path.suffix == ".safetensors":
            tensors = {name: t.to(torch.bfloat16) for name, t in load_file(path).items()}
            save_file(tensors, copy, metadata={"format": "pt"})
            copy.chmod(target.stat().st_mode & 0o666)
        elif path.name == _ADAPTER_CONFIG:
            config = json.loads(path.read_text(encoding="utf-8"))
            # PEFT notes the folder the base was loaded from, which means nothing elsewhere.
            config["base_model_name_or_path"] = order.config.model.base
            write_text(copy, json.dumps(config, indent=2, sort_keys=True) + "\n")
        elif path.name in _CONFIG_FILES:
            copy.write_bytes(path.read_bytes())
    for name in _TOKENIZER_FILES if whole else ():
        if (base / name).is_file():
            (target / name).write_bytes((base / name).read_bytes())
    return target
