import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from m6rec.catalog import Catalog
from m6rec.errors import CatalogError, RequestError
from m6rec.interactions import Interactions
from m6rec.records import Interaction, Item

CATALOG = Catalog([Item(name, name.upper()) for name in "abc"], name="letters")


def test_rows_are_sorted_by_user_then_time_then_source_order():
    records = [
        Interaction("v", "c", 1.0, 50),
        Interaction("u", "b", None, 20),
        Interaction("v", "a", 4.5, 20),
        Interaction("u", "a", 3.0, 20),
        Interaction("u", "c", 2.0, 10),
    ]
    found = Interactions.from_records(records, CATALOG)
    assert found.user_ids == ("v", "u")
    assert (len(found), found.n_users, found.notes) == (5, 2, ())
    assert found.user.tolist() == [0, 0, 1, 1, 1]
    assert found.row.tolist() == [0, 2, 2, 1, 0]
    assert found.timestamp.tolist() == [20, 50, 10, 20, 20]
    np.testing.assert_array_equal(found.rating, np.array([4.5, 1.0, 2.0, np.nan, 3.0], np.float32))
    assert found.user.dtype == found.row.dtype == np.dtype(np.int32)
    assert found.history("u").tolist() == [2, 1, 0]
    with pytest.raises(RequestError, match="no user 'w' among the 2 users"):
        found.history("w")


def test_unknown_items_are_left_out_and_counted():
    records = [Interaction("u", "a"), Interaction("w", "z"), Interaction("u", "b", None, None)]
    found = Interactions.from_records(records, CATALOG)
    assert found.user_ids == ("u",)
    assert found.history("u").tolist() == [0, 1]
    note = (
        '1 of 3 interactions in the interactions name 1 item that catalog "letters" does not '
        "have (such as 'z'): left out"
    )
    assert found.notes == (note,)


def test_another_catalogs_interactions_are_refused():
    records = [Interaction("u", "a"), Interaction("u", "y"), Interaction("u", "z")]
    with pytest.raises(CatalogError, match=r"2 of 3 .* its ids look like 'a'.*same item ids"):
        Interactions.from_records(records, CATALOG)


def test_none_at_all_is_an_empty_table(tmp_path):
    empty = Interactions.from_records([], CATALOG)
    assert (len(empty), empty.n_users) == (0, 0)
    empty.save(tmp_path / "i.parquet")
    assert len(Interactions.load(tmp_path / "i.parquet", CATALOG)) == 0


def test_files_that_cannot_be_read_are_refused(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    with pytest.raises(CatalogError, match="cannot read interactions"):
        Interactions.load(tmp_path / "missing.parquet", CATALOG)
    (tmp_path / "text.parquet").write_text("user_id,item_id")
    with pytest.raises(CatalogError, match="cannot read interactions"):
        Interactions.load(tmp_path / "text.parquet", CATALOG)
    pq.write_table(pa.table({"user_id": ["u"]}), tmp_path / "lacking.parquet")
    with pytest.raises(CatalogError, match="lacks item_id, rating, timestamp"):
        Interactions.load(tmp_path / "lacking.parquet", CATALOG)
    columns = {"user_id": ["u"], "item_id": ["a"], "rating": [None], "timestamp": ["now"]}
    pq.write_table(pa.table(columns), tmp_path / "other.parquet")
    with pytest.raises(CatalogError, match="rating and timestamp are not plain numbers"):
        Interactions.load(tmp_path / "other.parquet", CATALOG)


records = st.builds(
    Interaction,
    st.sampled_from("uvw"),
    st.sampled_from("abc"),
    st.none() | st.floats(0, 5, width=32),
    st.none() | st.integers(0, 4),
)


@settings(deadline=None)
@given(st.lists(records, max_size=12))
def test_any_table_is_sorted_and_survives_the_disk(tmp_path_factory, drawn):
    found = Interactions.from_records(drawn, CATALOG)
    assert len(found) == len(drawn)
    for user in found.user_ids:
        own = [r for r in drawn if r.user_id == user]
        own.sort(key=lambda r: r.timestamp or 0)
        assert found.history(user).tolist() == [CATALOG.row(r.item_id) for r in own]
    path = tmp_path_factory.mktemp("interactions") / "i.parquet"
    found.save(path)
    loaded = Interactions.load(path, CATALOG)
    assert loaded.user_ids == found.user_ids
    for column in ("user", "row", "rating", "timestamp"):
        np.testing.assert_array_equal(getattr(loaded, column), getattr(found, column))


def test_a_smaller_catalog_keeps_what_it_has(tmp_path):
    Interactions.from_records(
        [Interaction("u", "a"), Interaction("u", "b"), Interaction("u", "c")], CATALOG
    ).save(tmp_path / "i.parquet")
    smaller = Catalog(CATALOG.items[1:], name="smaller")
    loaded = Interactions.load(tmp_path / "i.parquet", smaller)
    assert [smaller.at(row).item_id for row in loaded.history("u")] == ["b", "c"]
    assert "left out" in loaded.notes[0]


def test_gaps_in_a_file_are_unknown(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = {"user_id": ["u", "u"], "item_id": ["a", "b"], "rating": [None, 2]}
    pq.write_table(pa.table({**columns, "timestamp": [9, None]}), tmp_path / "i.parquet")
    loaded = Interactions.load(tmp_path / "i.parquet", CATALOG)
    assert loaded.row.tolist() == [1, 0]
    assert loaded.timestamp.tolist() == [0, 9]
    np.testing.assert_array_equal(loaded.rating, np.array([2, np.nan], np.float32))
