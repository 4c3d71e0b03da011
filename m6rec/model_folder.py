"""A tuned recommender on disk.

::

    DIR/
    ├── manifest.json        base model, method, hashes, seed, versions, scores; written last
    ├── config.toml          the settings it was tuned for
    ├── adapter/             what PEFT wrote (or model/, the whole weights, for full tuning)
    ├── neutral.f16          log-probabilities after the neutral request, one per child of the tree
    ├── probe.safetensors    what kind of thing words ask for; absent where nobody's words are known
    ├── crowd/               what was trained on who chose what; absent when there was nothing to learn
    ├── README.md            the model card: data, settings, scores, limits
    ├── journal.jsonl        how the run went, line by line; loss.png and logs/ (TensorBoard) show it
    ├── catalog.jsonl        the items; absent when the manifest names a known catalog
    └── interactions.parquet who chose what; absent when there were none
"""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from m6rec.atomic import read_manifest
from m6rec.errors import ModelFolderError

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a model folder was made from.

    Attributes:
        base: Name of the base model.
        method: Tuning method.
        catalog: A known catalog's name, or "" when the folder holds its own.
        index_key: Names the catalog, facet plan and tokenizer of the tree.
        template: Name and hash of the prompt template.
        seed: Of the tuning run.
        versions: Versions of the libraries.
        scores: Validation figures.
        format: Version of this layout.
    """

    base: str
    method: str
    catalog: str
    index_key: str
    template: str
    seed: int
    versions: dict[str, str] = field(default_factory=dict)
    scores: dict[str, float] = field(default_factory=dict)
    format: int = FORMAT

    def as_dict(self) -> dict[str, Any]:
        """As it is written to ``manifest.json``."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A complete model folder.

    Attributes:
        path: Where it is.
        manifest: What it was made from.
    """

    path: Path
    manifest: Manifest

    @property
    def config(self) -> Path:
        """Its settings."""
        return self.path / "config.toml"

    @property
    def weights(self) -> Path:
        """The adapter, or the whole weights for full tuning."""
        whole = self.path / "model"
        return whole if whole.is_dir() else self.path / "adapter"

    @property
    def neutral(self) -> Path:
        """The table of the neutral request; may be absent."""
        return self.path / "neutral.f16"

    @property
    def crowd(self) -> Path:
        """Where trained sources of the crowd are; may be absent, then the crowd goes without."""
        return self.path / "crowd"

    @property
    def probe(self) -> Path:
        """The probe of the language model; may be absent, then the model's next word alone decides."""
        return self.path / "probe.safetensors"

    @property
    def catalog(self) -> Path:
        """Its own catalog; absent when the manifest names a known one."""
        return self.path / "catalog.jsonl"

    @property
    def interactions(self) -> Path:
        """Its own interactions; may be absent."""
        return self.path / "interactions.parquet"


def open_model_folder(path: str | Path) -> ModelFolder:
    """Check a model folder and read its manifest.

    Raises:
        ModelFolderError: There is no such folder, it is incomplete, or of another version.
    """
    path = Path(path)
    if not path.is_dir():
        raise ModelFolderError(
            f"no model folder at {path}; make one with: m6rec tune CATALOG --out DIR"
        )
    data = read_manifest(path)
    if data is None:
        raise ModelFolderError(
            f"{path} has no readable manifest.json, so it is incomplete; tune it again or copy it whole"
        )
    try:
        manifest = Manifest(**data)
    except TypeError:
        raise ModelFolderError(
            f"{path}/manifest.json is not one of a model folder of this version; tune it again"
        ) from None
    if manifest.format != FORMAT:
        raise ModelFolderError(
            f"{path} has format {manifest.format} and this version reads {FORMAT}; tune it again"
        )
    folder = ModelFolder(path, manifest)
    for needed in (folder.config, folder.weights):
        if not needed.exists():
            raise ModelFolderError(f"{path} lacks {needed.name}; tune it again or copy it whole")
    return folder


def shipped_folder() -> ModelFolder | None:
    """The tuned MovieLens default that comes with the package; None in a build without it."""
    path = Path(__file__).resolve().parent / "default"
    return open_model_folder(path) if (path / "manifest.json").is_file() else None
