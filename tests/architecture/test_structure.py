"""The shape that keeps the tree readable: who imports whom, names that say something, small files, no hidden inputs."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("cynosure", "connectors", "dags", "plugins", "sandbox")
MEANINGLESS = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "misc",
    "base",
    "manager",
    "handler",
    "service",
    "processor",
    "core",
    "tools",
}
LONGEST_FILE, LONGEST_FUNCTION = 300, 60

#: the readers of the environment and of the wall clock, each with its reason
READERS = {
    "cynosure/settings/__init__.py": "the one reader of settings and of the present",
    "cynosure/settings/faultpoint.py": "where tests kill the process",
    "sandbox/__main__.py": "the entrance of the sandbox",
    "sandbox/world.py": "the sandbox's clock runs along the real one",
    "sandbox/site.py": "the sandbox's clock runs along the real one",
    "sandbox/demo": "waits for a person",
    "cynosure/transform/dbt.py": "hands its environment on to the dbt process",
    "connectors/stripe/transport.py": "only until the first answer tells the vendor's time",
    "connectors/ecb.py": "the first request has to name a day",
}
CLOCKS = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
    ("os", "environ"),
    ("os", "getenv"),
}


@cache
def sources() -> tuple[Path, ...]:
    return tuple(
        path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py")) if "__pycache__" not in path.parts
    )


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def test_something_is_looked_at() -> None:
    assert len(sources()) > 100


def test_import_contracts_hold() -> None:
    command = [sys.executable, "-c", "import sys; from importlinter.cli import lint_imports_command as c; sys.exit(c([]))"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "0 broken" in ended.stdout


def test_a_broken_contract_would_be_noticed(tmp_path: Path) -> None:
    package = tmp_path / "pack"
    package.mkdir()
    for name, text in {"__init__": "", "low": "import pack.high\n", "high": ""}.items():
        (package / f"{name}.py").write_text(text)
    contract = (
        "[importlinter]\nroot_package=pack\n[importlinter:contract:1]\nname=l\ntype=layers\nlayers=\n  pack.high\n  pack.low\n"
    )
    (tmp_path / ".importlinter").write_text(contract)
    code = "import sys; sys.path.insert(0, '.'); from importlinter.cli import lint_imports_command as c; sys.exit(c([]))"
    assert subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, check=False).returncode == 1


def test_every_module_is_named_for_what_it_holds() -> None:
    parts = {named(path): set(path.relative_to(ROOT).with_suffix("").parts) for path in sources()}
    assert [name for name, words in parts.items() if words & MEANINGLESS or any(w.startswith("base_") for w in words)] == []


def test_files_are_short() -> None:
    lengths = {named(path): len(path.read_text(encoding="utf-8").splitlines()) for path in sources()}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_functions_are_short() -> None:
    lengths = {f"{named(path)}:{f.name}": (f.end_lineno or 0) - f.lineno + 1 for path in sources() for f in functions(path)}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FUNCTION} == {}


def hidden_inputs(path: Path) -> list[str]:
    """Where a file reads the clock or the environment instead of being given them."""
    reads = [
        f"{named(path)}:{node.lineno} {node.value.id}.{node.attr}"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and (node.value.id, node.attr) in CLOCKS
    ]
    return reads if not any(named(path) == r or named(path).startswith(r + "/") for r in READERS) else []


def test_time_and_environment_are_arguments() -> None:
    assert [read for path in sources() for read in hidden_inputs(path)] == []


def test_every_exception_is_still_needed() -> None:
    for reader in READERS:
        paths = [ROOT / reader] if reader.endswith(".py") else sorted((ROOT / reader).rglob("*.py"))
        assert paths, reader
        used = [n for p in paths for n in ast.walk(tree(p)) if isinstance(n, ast.Attribute) and isinstance(n.value, ast.Name)]
        assert any((node.value.id, node.attr) in CLOCKS for node in used if isinstance(node.value, ast.Name)), reader


def public_without_docstring(path: Path) -> list[str]:
    missing = [] if ast.get_docstring(tree(path)) else [named(path)]
    return missing + [f"{named(path)}:{node.name}" for node in _public(tree(path)) if not ast.get_docstring(node)]


def _public(parent: ast.Module | ast.ClassDef) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    for node in parent.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from _public(node)


@pytest.mark.parametrize("package", PACKAGES)
def test_everything_public_says_what_it_is(package: str) -> None:
    paths = [path for path in sources() if path.relative_to(ROOT).parts[0] == package]
    assert [missing for path in paths for missing in public_without_docstring(path)] == []


def test_no_test_folder_is_a_package() -> None:
    assert list((ROOT / "tests").rglob("__init__.py")) == []
