"""The base language model as a folder that transformers loads: by name, by folder, by hub id."""

import io
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from pathlib import Path

from m6rec.artifacts import ARTIFACTS, WheelMember
from m6rec.atomic import clear_leftovers, locked, read_manifest, replaced_folder
from m6rec.errors import ModelFolderError, PullError
from m6rec.home import home
from m6rec.progress import Progress, shown_status
from m6rec.pull import pull
from m6rec.recipe import recipe

DEFAULT_BASE_MODEL = "smollm2-135m-instruct"
_HUB_ID = re.compile(r"[\w.-]+(/[\w.-]+)?")
_HUB_FILES = ["*.json", "*.safetensors", "*.model", "*.txt", "*.jinja"]


def base_model_folder(name: str, *, progress: Progress | None = None) -> Path:
    """Return a folder that ``AutoModelForCausalLM.from_pretrained`` loads.

    Args:
        name: The default base model's name; or a local folder, returned as it is; or a Hugging Face
            hub id, which is kept in the hub's own cache.
        progress: Receives the bytes; None draws a bar on stderr.

    Raises:
        ModelFolderError: `name` is a folder without ``config.json``, or looks like a path that does
            not exist.
        PullError: The model is not here yet and cannot be fetched.
    """
    artifact = ARTIFACTS.get(name)
    if isinstance(artifact, WheelMember) and artifact.member.endswith(".gguf"):
        return _converted(name, artifact, progress)
    path = Path(name).expanduser()
    if name.strip() and path.is_dir():
        if not (path / "config.json").is_file():
            raise ModelFolderError(
                f"{path} holds no base model: it lacks config.json; give the folder that "
                "save_pretrained wrote"
            )
        return path
    if path.is_file() or not _HUB_ID.fullmatch(name):
        raise ModelFolderError(
            f"no base model at {name!r}: it is no folder and no hub id such as "
            f"HuggingFaceTB/SmolLM2-360M-Instruct; the default is {DEFAULT_BASE_MODEL}"
        )
    return _from_hub(name, progress)


def _converted(name: str, artifact: WheelMember, progress: Progress | None) -> Path:
    """Return the folder of a GGUF artifact converted to bf16, made at the first call."""
    folder = home() / "models" / name
    expected: dict[str, object] = {
        "name": name,
        "recipe": recipe([__name__]),
        "source_sha256": artifact.sha256,
    }
    if _is_current(folder, expected):
        return folder
    with locked(folder.parent / f".{name}.lock"):
        if not _is_current(folder, expected):
            clear_leftovers(folder)
            source = pull(name, progress=progress)
            manifest = {**expected, "dtype": "bfloat16", "licence": artifact.licence}
            with (
                shown_status(f"converting {name} (once)", progress),
                replaced_folder(folder, manifest) as new,
            ):
                _convert_gguf(source, new)
    return folder


def _is_current(folder: Path, expected: dict[str, object]) -> bool:
    manifest = read_manifest(folder)
    return manifest is not None and all(manifest.get(key) == expected[key] for key in expected)


def _convert_gguf(source: Path, folder: Path) -> None:
    """Write the model and tokenizer of a GGUF file as a bf16 safetensors folder."""
    import torch

    with _quiet_transformers():
        from transformers import AutoModelForCausalLM, AutoTokenizer, GenerationConfig

        where = {"gguf_file": source.name}
        tokenizer = AutoTokenizer.from_pretrained(source.parent, **where)
        model = AutoModelForCausalLM.from_pretrained(source.parent, dtype=torch.bfloat16, **where)
        # The weights are plain bf16 by now; with these left in, the saved folder would claim GGUF.
        model.hf_quantizer = None  # type: ignore[assignment]
        if hasattr(model.config, "quantization_config"):
            del model.config.quantization_config
        # Sampling settings of the publisher have no say in a search over a catalog.
        model.generation_config = GenerationConfig(  # type: ignore[no-untyped-call]
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)


@contextmanager
def _quiet_transformers() -> Iterator[None]:
    """Keep transformers' bars and warnings off the screen for the length of the block."""
    import warnings

    from transformers.utils import logging as speech

    level, bars = speech.get_verbosity(), speech.is_progress_bar_enabled()
    speech.set_verbosity(logging.CRITICAL)
    speech.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        # The GGUF reader draws a bar of its own that no setting turns off.
        with warnings.catch_warnings(), redirect_stderr(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        speech.set_verbosity(level)
        if bars:
            speech.enable_progress_bar()  # type: ignore[no-untyped-call]


def _from_hub(name: str, progress: Progress | None) -> Path:
    from huggingface_hub import snapshot_download

    try:
        with shown_status(f"fetching {name} from the Hugging Face hub", progress):
            return Path(snapshot_download(name, allow_patterns=_HUB_FILES))
    except Exception as error:
        reason = str(error).partition("\n")[0].strip()[:200] or type(error).__name__
        raise PullError(
            f"cannot fetch base model {name!r}: there is no folder of that name, and the Hugging "
            f"Face hub did not give it ({reason}); check the name and the network, give a local "
            f"folder, or use {DEFAULT_BASE_MODEL}"
        ) from error
