import json

import pytest

from m6rec.base_model import DEFAULT_BASE_MODEL, base_model_folder
from m6rec.errors import ModelFolderError, PullError


def test_a_local_folder_is_itself(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    assert base_model_folder(str(tmp_path)) == tmp_path


def test_a_folder_without_a_model_is_refused(tmp_path):
    with pytest.raises(ModelFolderError, match=r"lacks config.json; give the folder"):
        base_model_folder(str(tmp_path))


@pytest.mark.parametrize("name", ["./models/none", "a/b/c", "with blank", ""])
def test_what_is_neither_folder_nor_hub_id_is_refused(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelFolderError, match=DEFAULT_BASE_MODEL):
        base_model_folder(name)


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "model.gguf").write_text("")
    with pytest.raises(ModelFolderError, match="it is no folder"):
        base_model_folder(str(tmp_path / "model.gguf"))


def test_an_unreachable_hub_is_one_line(monkeypatch, tmp_path):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(PullError, match="cannot fetch base model 'nobody/nothing-m6rec'") as caught:
        base_model_folder("nobody/nothing-m6rec", progress=lambda *_: None)
    assert "\n" not in str(caught.value)
    assert DEFAULT_BASE_MODEL in str(caught.value)


@pytest.mark.real
def test_the_default_is_converted_once_and_loads_as_plain_bf16(capsys):
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    folder = base_model_folder(DEFAULT_BASE_MODEL, progress=lambda *_: None)
    assert capsys.readouterr() == ("", "")
    config = json.loads((folder / "config.json").read_text())
    assert "quantization_config" not in config
    model = AutoModelForCausalLM.from_pretrained(folder)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    assert model.dtype == torch.bfloat16
    assert model.num_parameters() == 134_515_008
    ids = tokenizer("The capital of France is", return_tensors="pt").input_ids
    with torch.no_grad():
        best = model(ids).logits[0, -1].argmax().item()
    assert tokenizer.decode(best) == " Paris"
