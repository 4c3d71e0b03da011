"""Models from folders: what loads is what was saved, and what cannot be loaded is said in one line."""

import pytest
import torch

from m6rec.decoding import loading
from m6rec.decoding.loading import DTYPES, choose_dtype, load_causal_lm, load_language_model
from m6rec.errors import ConfigError, MissingExtraError, ModelError
from tests.tiny import ARCHITECTURES, shared_lm, tokenizer

TEXT = "User: something scary\nMovie:"


def saved(folder, architecture="llama"):
    shared_lm(architecture).save_pretrained(folder)
    tokenizer().save_pretrained(folder)
    return folder


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_what_loads_is_what_was_saved(tmp_path, architecture):
    model, codec = load_language_model(saved(tmp_path, architecture), "float32")
    ids = codec.prompt(TEXT)
    assert ids == tokenizer()(TEXT)["input_ids"]
    assert (model.dtype, codec.terminator) == (torch.float32, codec.prompt("\n")[0])
    with torch.inference_mode():
        expected = shared_lm(architecture)(torch.tensor([ids])).logits[0, -1]
    found = model.logits(model.read(ids).hidden, torch.arange(len(expected)))
    torch.testing.assert_close(found.cpu(), expected, atol=1e-4, rtol=1e-4)


def test_a_model_in_bfloat16_reads(tmp_path):
    model, codec = load_language_model(saved(tmp_path), "bfloat16")
    assert model.dtype == torch.bfloat16
    assert torch.isfinite(model.read(codec.prompt(TEXT)).hidden).all()


def test_a_loaded_model_is_not_training(tmp_path):
    model, tokens = load_causal_lm(saved(tmp_path), torch.float32)
    assert not model.training
    assert tokens.decode(tokens(TEXT)["input_ids"]) == TEXT


@pytest.mark.parametrize("name", DTYPES)
def test_a_number_format_as_set(name):
    assert choose_dtype(name) == (DTYPES[name], "as set")


def test_eight_bits_stay_near_the_full_weights(tmp_path):
    folder = saved(tmp_path)
    plain, codec = load_language_model(folder, "float32")
    coarse, _ = load_language_model(folder, "int8")
    ids = codec.prompt(TEXT)
    expected, found = plain.read(ids).hidden, coarse.read(ids).hidden
    assert not torch.equal(found, expected)
    torch.testing.assert_close(found, expected, atol=0.2, rtol=0.2)


def test_eight_bits_are_refused_where_they_fit_nothing(tmp_path):
    with pytest.raises(ConfigError, match="a gpt2 model has none; choose auto"):
        load_language_model(saved(tmp_path, "gpt2"), "int8")


def test_auto_chooses_a_known_format_and_says_why():
    dtype, reason = choose_dtype("auto")
    assert dtype in DTYPES.values()
    assert "processor" in reason or "CUDA" in reason


@pytest.mark.parametrize("name", ["float16", "int4", ""])
def test_an_unknown_number_format_lists_those_there_are(name):
    with pytest.raises(ConfigError, match=f"dtype '{name}' .*: auto, bfloat16, float32, int8"):
        choose_dtype(name)


def damage_weights(folder):
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])


def damage_config(folder):
    (folder / "config.json").write_text("{")


def unknown_architecture(folder):
    (folder / "config.json").write_text('{"model_type": "abacus"}')


def drop_weights(folder):
    (folder / "model.safetensors").unlink()


def empty(folder):
    for file in folder.iterdir():
        file.unlink()


def remove(folder):
    empty(folder)
    folder.rmdir()


@pytest.mark.parametrize(
    "harm", [damage_weights, damage_config, unknown_architecture, drop_weights, empty, remove]
)
def test_a_folder_that_is_no_model_is_one_clear_line(tmp_path, harm):
    folder = saved(tmp_path / "model")
    harm(folder)
    with pytest.raises(ModelError) as caught:
        load_language_model(folder, "float32")
    message = str(caught.value)
    assert message.startswith(f"cannot load a causal language model from {folder}: ")
    assert "\n" not in message


def test_four_bits_without_the_extra_say_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr(loading, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"pip install 'm6rec\[4bit\]'"):
        load_causal_lm(saved(tmp_path), torch.float32, load_in_4bit=True)
