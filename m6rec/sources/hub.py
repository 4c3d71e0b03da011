"""A catalog from a Hugging Face dataset, given or by name."""

from collections.abc import Iterable
from typing import Any

from m6rec.catalog import Catalog
from m6rec.errors import CatalogError, MissingExtraError, PullError
from m6rec.sources.rows import table_of_records
from m6rec.sources.table import catalog_from_table

PREFIX = "hf:"
"""What marks a catalog source as the name of a dataset on the hub: ``hf:owner/name``."""


def catalog_from_dataset(
    dataset: Any,
    *,
    id_column: str | None = None,
    title_column: str | None = None,
    split: str = "train",
    name: str | None = None,
) -> Catalog:
    """Make a catalog of a ``datasets.Dataset``, or of a dataset on the hub by its name.

    Args:
        dataset: Anything with ``column_names`` that yields mappings, such as a `Dataset`; or the
            name of a dataset on the hub, which needs the extra ``m6rec[hub]``.
        id_column: As for a table.
        title_column: As for a table.
        split: Which part of a named dataset, or of a mapping of splits, is read.
        name: What the catalog is called; None takes the dataset's own name.

    Raises:
        MissingExtraError: A name was given and the package ``datasets`` is not installed.
        PullError: The hub does not give the dataset.
        CatalogError: As for a table.
    """
    if isinstance(dataset, str):
        name = name or dataset
        dataset = _load(dataset, split)
    elif isinstance(dataset, dict):
        if split not in dataset:
            raise CatalogError(
                f"the dataset has no split {split!r}; give one of {', '.join(map(str, dataset))}"
            )
        dataset = dataset[split]
    if not hasattr(dataset, "column_names") or not isinstance(dataset, Iterable):
        raise CatalogError(
            f"{type(dataset).__name__} is no dataset: give a datasets.Dataset or a name"
        )
    name = name or getattr(getattr(dataset, "info", None), "dataset_name", None) or "dataset"
    table = table_of_records(dataset, f'dataset "{name}"')
    if not len(table):
        raise CatalogError(f'dataset "{name}" has no rows; choose another split than {split!r}')
    return catalog_from_table(table, name=name, id_column=id_column, title_column=title_column)


def _load(name: str, split: str) -> Any:
    try:
        from datasets import load_dataset
    except ImportError as error:
        raise MissingExtraError(
            f"reading the dataset {name!r} needs the package datasets; install it with: "
            "pip install 'm6rec[hub]'"
        ) from error
    try:
        return load_dataset(name, split=split)
    except Exception as error:
        reason = str(error).partition("\n")[0].strip()[:200] or type(error).__name__
        raise PullError(
            f"cannot fetch dataset {name!r}, split {split!r}, from the Hugging Face hub "
            f"({reason}); check the name and the network, or give a file"
        ) from error
