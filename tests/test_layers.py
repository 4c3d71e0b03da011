"""The way of the data as a test: a module imports lower layers only."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "m6rec"
LAYERS = {
    0: "records errors home atomic progress recipe",
    1: "artifacts base_model catalog codec columns config download facets feedback filters "
    "index interactions leaks model_folder prompts pull relaxation sources split start tree "
    "vocabulary",
    2: "candidates decoding grounding metrics pairs ranking tuning wishes",
    3: "answering asking assembly companion domains gist making profile questions recommender tune",
    4: "chat cli display evaluation service",
}
LAYER_OF = {room: layer for layer, rooms in LAYERS.items() for room in rooms.split()}
GRAB_BAGS = {"utils", "util", "helpers", "helper", "common", "misc", "base"}
LONGEST_FILE = 300
FILES = sorted(PACKAGE.rglob("*.py"))


def name_of(path):
    """Return the dotted name of a file inside the package, "" for the package itself."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


MODULES = {name_of(path): path for path in FILES}


def room_of(module):
    return module.partition(".")[0]


def target(dotted):
    """Return the module of ours that a dotted name without "m6rec." lies in."""
    while dotted and dotted not in MODULES:
        dotted = dotted.rpartition(".")[0]
    return dotted


def imports(module, *, deferred=True):
    """Yield the modules of ours that a module imports; `deferred` includes those in functions."""
    tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
    for node in ast.walk(tree) if deferred else at_import(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            if node.level:
                names = [f"m6rec.{package_of(module, node.level)}.{name}" for name in names]
        else:
            continue
        for name in names:
            if name == "m6rec" or name.startswith("m6rec."):
                yield target(name.removeprefix("m6rec").removeprefix("."))


def package_of(module, level):
    parts = module.split(".")
    inside = parts if MODULES[module].name == "__init__.py" else parts[:-1]
    return ".".join(inside[: len(inside) - level + 1])


def at_import(tree):
    """Yield the nodes that run when a module is imported, so not those in functions."""
    waiting = list(tree.body)
    while waiting:
        node = waiting.pop()
        yield node
        typing_only = isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        if not typing_only and not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            waiting.extend(ast.iter_child_nodes(node))


def test_every_room_has_a_layer():
    rooms = {room_of(module) for module in MODULES if module}
    assert rooms <= LAYER_OF.keys()


@pytest.mark.parametrize("module", [module for module in MODULES if module])
def test_imports_go_down(module):
    room, layer = room_of(module), LAYER_OF[room_of(module)]
    for other in imports(module):
        there = room_of(other)
        if there == room:
            continue
        assert there, f"m6rec.{module} imports the package itself, which stands above all layers"
        below = LAYER_OF[there] < layer
        beside = LAYER_OF[there] == layer and layer in {0, 1, 3, 4}
        assert below or beside, f"m6rec.{module} must not import m6rec.{other}"


def test_no_module_imports_itself_by_a_detour():
    graph = {
        module: {other for other in imports(module, deferred=False) if other not in {module, ""}}
        for module in MODULES
        if module
    }
    order = list(TopologicalSorter(graph).static_order())
    assert {*order} >= {*graph}


def test_no_room_imports_another_room_that_imports_it():
    graph: dict[str, set[str]] = {}
    for module in MODULES:
        if module:
            others = {room_of(other) for other in imports(module)} - {room_of(module), ""}
            graph.setdefault(room_of(module), set()).update(others)
    order = list(TopologicalSorter(graph).static_order())
    assert {*order} >= {*graph}


def test_no_file_is_long():
    lengths = {
        name: len(path.read_text(encoding="utf-8").splitlines()) for name, path in MODULES.items()
    }
    assert {name: n for name, n in lengths.items() if n > LONGEST_FILE} == {}


def test_no_room_is_a_grab_bag():
    parts = {part for module in MODULES for part in module.split(".")}
    assert parts & GRAB_BAGS == set()


def test_nothing_is_printed():
    for name, path in MODULES.items():
        calls = (n for n in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(n, ast.Call))
        assert "print" not in {ast.unparse(call.func) for call in calls}, name
