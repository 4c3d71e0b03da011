"""Fit the probe of a model folder, or of the base model for a whole domain.

    python scripts/train_probe.py [MODEL_FOLDER]          # default: the shipped one
    python scripts/train_probe.py --domain films Movie    # the base model, for untuned catalogs of films

`m6rec tune` does the first for its own folder.
"""

import argparse
from pathlib import Path

from m6rec.assembly import merged_model
from m6rec.base_model import base_model_folder
from m6rec.config import Config
from m6rec.decoding.loading import load_language_model
from m6rec.domains import PROBES
from m6rec.making.probing import learned_probe, wishes_of
from m6rec.model_folder import open_model_folder
from m6rec.pairs.phrasebook import load_phrasebook
from m6rec.prompts import PromptWriter, load_template
from m6rec.vocabulary import Vocabulary


def main() -> None:
    """Fit, and write the file."""
    parser = argparse.ArgumentParser()
    default = Path(__file__).parents[1] / "m6rec" / "default"
    parser.add_argument("folder", nargs="?", type=Path, default=default)
    parser.add_argument("--domain", nargs=2, metavar=("DOMAIN", "NOUN"))
    parser.add_argument("--wishes", default="films", help="domain of the folder's catalog")
    chosen = parser.parse_args()
    if chosen.domain:
        config, (domain, noun) = Config(), chosen.domain
        weights, target = base_model_folder(config.model.base), PROBES / f"{domain}.safetensors"
    else:
        folder = open_model_folder(chosen.folder)
        config, domain = Config.load(folder.config), chosen.wishes
        weights, target, noun = merged_model(folder), folder.probe, config.prompt.noun
    model, codec = load_language_model(weights, config.model.dtype)
    writer = PromptWriter(load_template(config.prompt.template), noun)
    book = load_phrasebook(domain)
    wishes = wishes_of(book, Vocabulary.load(), "genres", noun)
    if not wishes:
        parser.error(f"too little is said in {domain}")
    probe, loss = learned_probe(model, codec, writer, noun, wishes)
    target.parent.mkdir(exist_ok=True)
    probe.save(target)
    print(f"{target}: {len(probe.kinds)} kinds, {loss:.3f} nats on unheard wishes")


if __name__ == "__main__":
    main()
