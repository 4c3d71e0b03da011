"""Assembly: from a catalog, a file or a model folder to parts that answer, and what is kept for next time.

Run: pytest tests/test_assembly.py -n 0
"""

import json
from pathlib import Path

import numpy as np
import pytest

from m6rec.assembly import (
    Parts,
    assemble,
    merge_into,
    merged_model,
    noun_of,
    prompt_writer,
    untuned_config,
    with_examples,
    worked_examples,
)
from m6rec.atomic import replaced_folder
from m6rec.catalog import Catalog
from m6rec.config import Config
from m6rec.decoding.distribution import Question
from m6rec.errors import CatalogError, ConfigError, ModelFolderError
from m6rec.home import home
from m6rec.model_folder import Manifest, ModelFolder, open_model_folder
from m6rec.records import Item
from m6rec.tuning.adapters import AdapterSettings, attach
from tests.tiny import causal_lm, full_logits
from tests.tiny_catalogs import bare_titles, base_folder, film_index, films, only


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return base_folder(tmp_path_factory.mktemp("base") / "tiny")


def tiny_config(base: Path, **prompt: str) -> Config:
    return Config().with_values(
        {"model": {"base": str(base), "dtype": "float32"}, "prompt": prompt}
    )


def tokens_for(parts: Parts, text: str) -> int:
    """Tokens the model reads to open the root after a prompt, the neutral request included."""
    before = parts.distribution.model.tokens
    question = Question(parts.writer.write(text), (), 1.0, 1.0)
    parts.distribution.ask(question)
    return parts.distribution.model.tokens - before


def model_folder(path: Path, base: Path, method: str = "lora", seed: int = 5) -> ModelFolder:
    """A tuned folder whose adapter has an effect, over its own catalog."""
    import torch

    manifest = Manifest(str(base), method, "", "", "ask", 0).as_dict()
    with replaced_folder(path, manifest) as part:
        (part / "config.toml").write_text(tiny_config(base).to_toml(), encoding="utf-8")
        films().save(part / "catalog.jsonl")
        model = attach(causal_lm("llama"), AdapterSettings(method, rank=2))
        generator = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            for parameter in model.parameters():
                if parameter.requires_grad:
                    parameter.add_(0.1 * torch.randn(parameter.shape, generator=generator))
        if method == "full":
            base_folder(part / "model")
            model.save_pretrained(part / "model")
        else:
            model.save_pretrained(part / "adapter")
    return open_model_folder(path)


def test_a_catalog_and_a_base_model_are_enough(base: Path) -> None:
    parts = assemble(None, films(), tiny_config(base))
    assert parts.index.catalog.content_hash == films().content_hash
    assert parts.interactions is None
    assert parts.config == tiny_config(base)


def test_the_parts_share_one_tokenizer_and_one_tree(base: Path) -> None:
    parts = assemble(None, films(), tiny_config(base))
    assert parts.distribution.tree is parts.index.tree
    assert parts.codec.fingerprint == parts.distribution.codec.fingerprint
    # The same tree as one built without any folder.
    assert np.array_equal(parts.index.tree.tokens, film_index().tree.tokens)


def test_the_index_is_built_once(base: Path) -> None:
    assemble(None, films(), tiny_config(base))
    (built,) = (home() / "index").iterdir()
    stamp = (built / "tree" / "tokens.npy").stat().st_mtime_ns
    again = assemble(None, films(), tiny_config(base))
    assert [
        (p, (p / "tree" / "tokens.npy").stat().st_mtime_ns) for p in (home() / "index").iterdir()
    ] == [(built, stamp)]
    assert np.array_equal(again.index.tree.tokens, film_index().tree.tokens)


def test_a_catalog_may_be_a_file(base: Path, tmp_path: Path) -> None:
    path = tmp_path / "films.jsonl"
    films().save(path)
    parts = assemble(None, path, tiny_config(base))
    assert [item.title for item in parts.index.catalog] == [item.title for item in films()]


def test_a_missing_file_and_a_missing_base_are_clear_errors(base: Path, tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="nowhere"):
        assemble(None, tmp_path / "nowhere.csv", tiny_config(base))
    with pytest.raises(ModelFolderError, match="no base model"):
        assemble(None, films(), tiny_config(tmp_path / "no" / "base"))
    with pytest.raises(ConfigError, match="template 'shout'"):
        assemble(None, films(), tiny_config(base, template="shout"))


def test_what_was_read_of_the_neutral_request_is_not_read_again(base: Path) -> None:
    first = assemble(None, films(), tiny_config(base))
    first.distribution.neutral.fill(range(first.index.tree.n_nodes))
    first.distribution.neutral.save(first.neutral_store)
    second = assemble(None, films(), tiny_config(base))
    assert second.neutral_store == first.neutral_store
    values = second.distribution.neutral.values
    np.testing.assert_allclose(values, first.distribution.neutral.values, atol=0.01)
    prompt = len(second.codec.prompt(second.writer.write("x")))
    forced = int(second.index.tree.node_depth[0])
    assert tokens_for(second, "x") == prompt + forced


@pytest.mark.parametrize("other", ["weights", "neutral", "catalog", "noun"])
def test_a_neutral_table_belongs_to_its_model_prompt_and_catalog(
    base: Path, tmp_path: Path, other: str
) -> None:
    """Two folders may have one name: the weights tell their tables apart."""
    ours = assemble(None, films(), tiny_config(base))
    catalog, config = films(), tiny_config(base)
    if other == "weights":
        config = tiny_config(base_folder(tmp_path / base.name, seed=9))
    elif other == "neutral":
        config = tiny_config(base, neutral="anything at all")
    elif other == "noun":
        config = tiny_config(base, noun="Film")
    else:
        catalog = only("genres")
    assert assemble(None, catalog, config).neutral_store != ours.neutral_store


def test_retuning_in_the_same_place_makes_a_new_neutral_table(base: Path, tmp_path: Path) -> None:
    first = assemble(model_folder(tmp_path / "m", base, "full", seed=1).path, None, None)
    second = assemble(model_folder(tmp_path / "m", base, "full", seed=2).path, None, None)
    assert first.neutral_store != second.neutral_store


def test_a_model_folder_brings_its_catalog_settings_and_weights(base: Path, tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "tuned", base)
    parts = assemble(folder.path, None, None)
    assert parts.index.catalog.content_hash == films().content_hash
    assert parts.config == tiny_config(base)
    assert parts.interactions is None
    plain = assemble(None, films(), tiny_config(base))
    text = parts.writer.write("comedy")
    ours, theirs = (p.distribution.ask(Question(text)).children(0) for p in (parts, plain))
    assert abs(ours - theirs).max() > 0.01


@pytest.mark.parametrize("asked", ["recommend me something", "anything at all"])
def test_the_table_in_a_model_folder_is_for_its_own_prompt_only(
    base: Path, tmp_path: Path, asked: str
) -> None:
    folder = model_folder(tmp_path / "tuned", base)
    n_children = len(film_index().tree.child_token)
    np.full(n_children, -0.5, np.float16).tofile(folder.neutral)
    data = {**folder.manifest.as_dict(), "index_key": film_index().key}
    (folder.path / "manifest.json").write_text(json.dumps(data), encoding="utf-8")
    values = assemble(
        folder.path, None, tiny_config(base, neutral=asked)
    ).distribution.neutral.values
    taken = asked == Config().prompt.neutral
    assert (values == -0.5).all() if taken else np.isnan(values).all()


def test_a_model_folder_can_answer_from_another_catalog(base: Path, tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "tuned", base)
    assert len(assemble(folder.path, bare_titles(), None).index.catalog) == len(bare_titles())


@pytest.mark.parametrize("method", ["lora", "ia3"])
def test_merging_adds_the_adapter_once_and_keeps_the_result(
    base: Path, tmp_path: Path, method: str
) -> None:
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    folder = model_folder(tmp_path / "tuned", base, method)
    merged = merged_model(folder)
    stamp = (merged / "model.safetensors").stat().st_mtime_ns
    assert merged_model(folder) == merged
    assert (merged / "model.safetensors").stat().st_mtime_ns == stamp
    ids = (7, 8, 9, 40, 41)
    tuned = PeftModel.from_pretrained(causal_lm("llama"), folder.weights).eval()
    loaded = AutoModelForCausalLM.from_pretrained(merged, dtype="float32").eval()
    # bfloat16 keeps eight bits of each weight.
    assert (
        np.corrcoef(full_logits(loaded, ids).ravel(), full_logits(tuned, ids).ravel())[0, 1] > 0.999
    )


def test_two_adapters_over_one_base_are_kept_apart(base: Path, tmp_path: Path) -> None:
    one, two = (model_folder(tmp_path / n, base, seed=i) for i, n in enumerate(("a", "b")))
    assert merged_model(one) != merged_model(two)


def test_whole_weights_need_no_merging(base: Path, tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "tuned", base, "full")
    assert merged_model(folder) == folder.path / "model"
    assert merge_into(base, folder.weights, tmp_path / "unused") == folder.path / "model"
    assert not (tmp_path / "unused").exists()


@pytest.mark.parametrize(
    ("name", "noun"),
    [
        ("movielens-default", "Movie"), ("my_books", "Book"), ("recipes", "Recipe"),
        ("export", "Item"), ("2024", "Item"), ("glass", "Item"), ("", "Item"),
        ("shelves", "Item"), ("gloves", "Item"), ("cities", "City"), ("movies", "Movie"), ("dishes", "Dish"),
        ("boxes", "Box"), ("dresses", "Dress"), ("houses", "House"), ("games", "Game"), ("series", "Series"), ("cookies", "Cookie"),
    ],
)  # fmt: skip
def test_an_item_is_called_what_the_catalog_is_called(name: str, noun: str) -> None:
    assert noun_of(Catalog([Item("1", "One")], name=name)) == noun
    assert untuned_config(Catalog([Item("1", "One")], name=name)).prompt.noun == noun


def test_worked_examples_are_popular_different_and_in_the_form_of_paths() -> None:
    index = film_index()
    examples = worked_examples(index, 3)
    assert len(examples) == 3
    said = {d.text for item in index.describer.describe(index.catalog) for d in [item]}
    for example in examples:
        request, _, answer = example.partition(" -> ")
        description, _, title = answer.partition(": ")
        assert description in said
        assert request == f"something {description}"
        assert title in {item.title for item in index.catalog}
    assert examples[0].endswith(": The Matrix"), "the most popular item comes first"
    config = with_examples(Config(), index)
    assert config.prompt.examples == worked_examples(index)
    assert prompt_writer(config).write("x").count("User:") == len(config.prompt.examples) + 1


def test_a_catalog_of_bare_titles_has_examples_that_can_be_written(base: Path) -> None:
    parts = assemble(None, bare_titles(), tiny_config(base))
    config = with_examples(parts.config, parts.index)
    assert prompt_writer(config).write("anything").endswith("anything\nMovie:")
