"""What is public, and that light things stay light."""

import importlib
import json
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import m6rec

ROOT = Path(__file__).parent.parent
HEAVY = ("torch", "transformers", "pandas", "peft", "numpy", "accelerate", "datasets", "pyarrow")
MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(m6rec.__path__, "m6rec.")
    if not module.name.endswith("__main__")
)


def heavy_after(code):
    """Return which heavy packages a fresh Python has loaded after running `code`."""
    probe = (
        f"import json, sys\n{code}\nprint(json.dumps([n for n in {HEAVY!r} if n in sys.modules]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout.splitlines()[-1])


def test_public_names_are_sorted_and_there():
    assert m6rec.__all__ == sorted(m6rec.__all__)
    for name in m6rec.__all__:
        assert getattr(m6rec, name) is getattr(m6rec, name)
    assert {*m6rec.__all__} <= {*dir(m6rec)}


def test_every_error_is_public():
    from m6rec import errors

    classes = {
        name
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, Exception)
    }
    assert classes <= {*m6rec.__all__}


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'Recomender'"):
        _ = m6rec.Recomender


def test_the_version_is_the_installed_one():
    from importlib.metadata import version

    assert m6rec.__version__ == version("m6rec")


@pytest.mark.parametrize("module", MODULES)
def test_every_module_can_be_imported(module):
    importlib.import_module(module)


@pytest.mark.parametrize(
    "code",
    [
        "import m6rec",
        "import m6rec.cli, m6rec.chat, m6rec.display, m6rec.errors, m6rec.records",
        "import m6rec.config, m6rec.pull, m6rec.artifacts, m6rec.home, m6rec.prompts",
    ],
)
def test_light_modules_load_nothing_heavy(code):
    assert heavy_after(code) == []


@pytest.mark.parametrize(
    "args", [["--help"], ["--version"], ["recommend", "--help"], ["tune", "--help"], ["config"]]
)
def test_help_and_version_load_nothing_heavy(args):
    call = f"from m6rec.cli import main\nmain({args!r}, standalone_mode=False)"
    assert heavy_after(call) == []


def test_the_probe_sees_what_is_heavy():
    assert heavy_after("import numpy") == ["numpy"]
