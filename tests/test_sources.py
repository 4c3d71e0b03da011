"""Catalogs and interactions from files as strangers bring them."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from m6rec.catalog import Catalog
from m6rec.errors import CatalogError, MissingExtraError, PullError
from m6rec.records import Item
from m6rec.sources import catalog_from_dataset, read_catalog, read_interactions

GOODS = """sku_id;Product Name;Price;Tags;Sold On;Reviews
007;Kettle;19.90;kitchen, steel;2021-05-01;12
008;Lamp;5;living room, light;2019-11-30;
010;Pan;45.50;kitchen, steel;2020-01-02;40
011;Whisk;3;kitchen;2022-03-04;7
"""
HOTELS = """name,stars,amenities,city,description
Seaview,4,"pool, wifi, spa","Nice, France","A quiet house by the sea, with a garden, and old trees."
Hilltop,3,"wifi, parking","Graz, Austria","Rooms look over the town, and breakfast lasts till noon."
Central,5,"pool, wifi",,
"""
SONGS = [
    {"trackId": 11, "track_name": "Blue", "artists": ["Ana", "Bo"], "release_date": "2001-07-01"},
    {"trackId": 12, "track_name": "Blue", "artists": ["Cy"], "release_date": "1999", "plays": 5},
    {"trackId": 13, "track_name": "青い", "artists": [], "explicit": True},
]


def write(path, content):
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_goods_with_semicolons(tmp_path):
    catalog = read_catalog(write(tmp_path / "goods.csv", GOODS))
    assert (catalog.name, [item.title for item in catalog]) == (
        "goods",
        ["Kettle", "Lamp", "Pan", "Whisk"],
    )
    assert catalog["007"].fields == {
        "Price": 19.9,
        "Tags": ("kitchen", "steel"),
        "Sold On": "2021-05-01",
        "Reviews": 12,
    }
    assert catalog["008"].fields == {
        "Price": 5.0,
        "Tags": ("living room", "light"),
        "Sold On": "2019-11-30",
    }
    assert catalog.popularity.tolist() == [12, 0, 40, 7]
    assert catalog.notes == (
        "ids from column 'sku_id'",
        "titles from column 'Product Name'",
        "popularity from column 'Reviews'",
    )


def test_hotels_without_ids(tmp_path):
    catalog = read_catalog(write(tmp_path / "hotels.csv", HOTELS))
    assert catalog["2"].title == "Hilltop"
    assert catalog["1"].fields["amenities"] == ("pool", "wifi", "spa")
    assert catalog["1"].fields["city"] == "Nice, France"
    assert catalog["1"].values("description")[0].startswith("A quiet house by the sea, with")
    assert catalog["3"].fields == {"stars": 5, "amenities": ("pool", "wifi")}
    assert "no id column: items are numbered by row" in catalog.notes
    assert "no popularity column: all items count as equally known" in catalog.notes


@pytest.mark.parametrize("form", ["lines", "array", "parquet"])
def test_songs_in_other_formats(tmp_path, form):
    path = tmp_path / ("songs.parquet" if form == "parquet" else "songs.jsonl")
    if form == "parquet":
        pq.write_table(pa.Table.from_pylist(SONGS, schema=_SONG_COLUMNS), path)
    elif form == "array":
        write(path, json.dumps(SONGS, indent=1))
    else:
        write(path, "\n".join(json.dumps(song, ensure_ascii=False) for song in SONGS) + "\n\n")
    catalog = read_catalog(path)
    assert [(item.item_id, item.title) for item in catalog] == [
        ("11", "Blue (2001)"),
        ("12", "Blue (1999)"),
        ("13", "青い"),
    ]
    assert catalog["11"].fields == {
        "artists": ("Ana", "Bo"),
        "release_date": "2001-07-01",
        "year": 2001,
    }
    assert catalog["12"].fields["plays"] == 5
    assert catalog["13"].fields == {"explicit": "true"}
    assert catalog.popularity.tolist() == [0, 5, 0]


_SONG_COLUMNS = pa.schema(
    [
        ("trackId", pa.int64()),
        ("track_name", pa.string()),
        ("artists", pa.list_(pa.string())),
        ("release_date", pa.string()),
        ("plays", pa.float64()),
        ("explicit", pa.bool_()),
    ]
)


def test_books_as_pandas_writes_them(tmp_path):
    content = (
        ",book_id,title,authors,original_publication_year,ratings_count,isbn\n"
        "0,1,Emma,Jane Austen,1815.0,10,0141439580\n"
        '1,2,Good Omens,"Terry Pratchett, Neil Gaiman",1990.0,20,0060853980\n'
        "2,3,Iliad,Homer,-750.0,5,\n"
        "3,4,Untitled,Neil Gaiman,,,014\n"
    )
    catalog = read_catalog(write(tmp_path / "books.csv", b"\xef\xbb\xbf" + content.encode()))
    assert [item.fields.get("year") for item in catalog] == [1815, 1990, -750, None]
    assert catalog["2"].fields["original_publication_year"] == 1990
    assert catalog["2"].fields["authors"] == ("Terry Pratchett", "Neil Gaiman")
    assert catalog["1"].fields["isbn"] == "0141439580"
    assert catalog.popularity.tolist() == [10, 20, 5, 0]
    assert catalog.notes[0] == "a column without a name left out (a row index?)"


def test_columns_can_be_chosen(tmp_path):
    path = write(tmp_path / "c.csv", "id,title,code,long name\n1,A,x,Alpha\n2,B,y,Beta\n")
    catalog = read_catalog(path, id_column="CODE", title_column="long name")
    assert [(item.item_id, item.title) for item in catalog] == [("x", "Alpha"), ("y", "Beta")]
    assert catalog["x"].fields == {"id": 1, "title": "A"}
    with pytest.raises(CatalogError, match=r"no title column 'nme'; its columns are id, title,"):
        read_catalog(path, title_column="nme")
    with pytest.raises(CatalogError, match=r"no id column 'cod'.*did you mean 'code'\?"):
        read_catalog(path, id_column="cod")


def test_a_saved_catalog_is_read_back(tmp_path):
    catalog = Catalog([Item("a", "A", {"tags": ("x", "y")}, 2.0)], name="mine", notes=["n"])
    catalog.save(tmp_path / "c.jsonl")
    read = read_catalog(tmp_path / "c.jsonl")
    assert (read.items, read.name, read.notes) == (catalog.items, "mine", ("n",))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("c.csv", None, r"c.csv does not exist; give a file that ends in .csv"),
        ("c.xlsx", "x", r"has the ending '.xlsx', which cannot be read; save it as"),
        ("c.csv", "", "has no rows"),
        ("c.csv", "title,year\n", "has no rows; it needs a head line and one row an item"),
        ("c.csv", "kind,year\nx,1\n", r"no title column .*: kind, year$"),
        ("c.csv", "id,title\na,A\nb,B\na,C\n", r"'a' twice .* row 1 \(line 2\) and row 3 \(line 4"),
        ("c.csv", "id,title\na,A\n\nb, \n", r"row 2 \(line 4\) has no title in column 'title'"),
        ("c.csv", "id,title\n,A\n", r"row 1 \(line 2\) has no id in column 'id'"),
        ("c.csv", "id,title\na,B\na,B,C\n", r"row 2 \(line 3\) has 3 cells, the head line has 2"),
        ("c.csv", 'id,title\na,"B" C\n', r"line 2 \(row 1\) is no valid CSV"),
        ("c.csv", 'id,title\na,"B\nC\n', r"is no valid CSV \(unexpected end of data\)"),
        ("c.csv", "title,title\na,b\n", "two columns named 'title'"),
        ("c.csv", b"title\nA\nCaf\xe9\n", "byte 0xe9 at offset 11, line 3; save it as UTF-8"),
        ("c.csv", "title\nA\n".encode("utf-16"), "is UTF-16, not UTF-8, .*save it as UTF-8"),
        ("c.jsonl", '{"title": "A"}\n{"title"\n', "line 2 is no valid JSON"),
        ("c.jsonl", '{"title": "A"}\n3\n', r"row 2 \(line 2\) is 3, not an object"),
        ("c.jsonl", '{"title": "A"}\n{"id": 1}\n', r"row 1 \(line 1\) has no id in column 'id'"),
        ("c.jsonl", '{"title": "A"}\n{"title": null}\n', r"row 2 \(line 2\) has no title"),
        ("c.json", "[]", "has no rows"),
        ("c.parquet", "no", "is no readable Parquet file"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(tmp_path, name, content, message):
    path = tmp_path / name
    if content is not None:
        write(path, content)
    with pytest.raises(CatalogError, match=message) as caught:
        read_catalog(path)
    assert "\n" not in str(caught.value)
    assert name in str(caught.value)


def test_names_that_are_no_file_are_told_the_names_there_are():
    with pytest.raises(CatalogError, match="movielens-default and movielens-latest-small"):
        read_catalog("movielens")


def test_a_folder_is_no_catalog(tmp_path):
    with pytest.raises(CatalogError, match="is a folder, not a file"):
        read_catalog(tmp_path)


LETTERS = Catalog([Item(str(n), f"Title {n}") for n in range(1, 4)], name="letters")


@pytest.mark.parametrize(
    "content",
    [
        "userId,movieId,rating,timestamp\n7,1,4.5,1000\n7,3,,500\n9,2,3,0\n",
        "user;item;stars;date\n7;1;4.5;1970-01-01T00:16:40\n7;3;;1970-01-01 00:08:20Z\n9;2;3;\n",
    ],
)
def test_interactions_are_read_by_usual_names(tmp_path, content):
    found = read_interactions(write(tmp_path / "ratings.csv", content), LETTERS)
    assert found.user_ids == ("7", "9")
    assert found.history("7").tolist() == [2, 0]
    assert found.timestamp.tolist() == [500, 1000, 0]
    np.testing.assert_array_equal(found.rating, np.array([np.nan, 4.5, 3], np.float32))


def test_interactions_from_parquet_and_milliseconds(tmp_path):
    columns = {
        "user_id": ["u", "u"],
        "book_id": [2.0, 1.0],
        "time": [1_700_000_000_123, 1_600_000_000_456],
    }
    pq.write_table(pa.table(columns), tmp_path / "i.parquet")
    found = read_interactions(tmp_path / "i.parquet", LETTERS)
    assert found.history("u").tolist() == [0, 1]
    assert found.timestamp.tolist() == [1_600_000_000, 1_700_000_000]
    assert np.isnan(found.rating).all()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("item,rating\n1,2\n", "has no user .* column; its columns are item, rating"),
        ("user,rating\n1,2\n", "has no item .* column"),
        ("user,item\n1,1\n,2\n", r"row 2 \(line 3\) has nothing in column 'user'"),
        ("user,item,rating\n1,1,good\n", r"row 1 \(line 2\) has the rating 'good'"),
        ("user,item,date\n1,1,soon\n", r"row 1 \(line 2\) has the time 'soon'"),
        ("user,item\n1,8\n1,9\n2,1\n", r"2 of 3 interactions in .*i.csv name 2 items"),
    ],
)
def test_interactions_that_cannot_be_used_are_refused(tmp_path, content, message):
    with pytest.raises(CatalogError, match=message):
        read_interactions(write(tmp_path / "i.csv", content), LETTERS)


def test_a_dataset_becomes_a_catalog():
    datasets = pytest.importorskip("datasets")
    dataset = datasets.Dataset(pa.Table.from_pylist(SONGS, schema=_SONG_COLUMNS))
    catalog = catalog_from_dataset(dataset, name="songs")
    assert [item.title for item in catalog] == ["Blue (2001)", "Blue (1999)", "青い"]
    splits = datasets.DatasetDict({"train": dataset})
    assert catalog_from_dataset(splits, id_column="trackId")["12"].fields["plays"] == 5
    with pytest.raises(CatalogError, match="no split 'test'; give one of train"):
        catalog_from_dataset(splits, split="test")
    with pytest.raises(CatalogError, match="has no rows"):
        catalog_from_dataset(dataset.select([]))


def test_a_dataset_by_name_needs_the_extra_and_the_hub(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "datasets", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'm6rec\[hub\]'"):
        read_catalog("hf:nobody/nothing-m6rec")
    with pytest.raises(CatalogError, match="int is no dataset"):
        catalog_from_dataset(3)


def test_a_dataset_the_hub_does_not_give_is_one_line(monkeypatch, tmp_path):
    pytest.importorskip("datasets")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("datasets.config.HF_HUB_OFFLINE", True)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(PullError, match="cannot fetch dataset 'nobody/nothing-m6rec'") as caught:
        read_catalog("hf:nobody/nothing-m6rec")
    assert "\n" not in str(caught.value)
