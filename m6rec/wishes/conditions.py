"""Values as filter expressions."""

from m6rec.catalog import Catalog
from m6rec.filters import field_name, quoted
from m6rec.vocabulary import Said


def has_value(said: Said, catalog: Catalog) -> str:
    """The filter that asks for one value of a field, many-valued or not."""
    many = any(isinstance(item.fields.get(said.field), tuple) for item in catalog)
    name, value = field_name(said.field), quoted(said.value)
    return f"{value} in {name}" if many else f"{name} == {value}"
