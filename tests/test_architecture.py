"""The house rules of docs/architecture.md, read from the source with ast."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted((ROOT / "src").rglob("*.py"))
# A folder imports only from folders of a lower rank, never from its own rank.
RANK = {
    "main": 7, "cli": 6, "pipeline": 5, "web_actions": 5, "agents": 4, "export": 4,
    "ingestion": 3, "providers": 3, "dataset": 3, "persistence": 3, "config": 2,
    "records": 1, "errors": 1, "version": 1, "analysis": 1,
}  # fmt: skip
HEAVY = {
    "openai", "anthropic", "google", "mistralai", "xllamacpp", "tiktoken", "quicktok", "pdfplumber", "pypdfium2",
    "docx", "openpyxl", "pptx", "lxml", "python_calamine", "msgspec", "tqdm", "numpy", "pyarrow",
    "charset_normalizer", "fsspec", "s3fs", "gcsfs", "botocore", "aiohttp",
    "sqlalchemy", "psycopg", "supabase", "postgrest", "jinja2", "jsonschema", "safetensors", "PIL", "selectolax",
}  # fmt: skip
_HOSTS = "src/persistence/storage/hosts"
ONLY_IN = {
    "openai": "src/providers/clients", "anthropic": "src/providers/clients",
    "google": ("src/providers/clients", _HOSTS), "fsspec": _HOSTS, "s3fs": _HOSTS, "gcsfs": _HOSTS,
    "mistralai": "src/providers/clients", "xllamacpp": "src/providers/clients", "sqlite3": "src/persistence",
    "sqlalchemy": "src/persistence", "psycopg": "src/persistence", "supabase": "src/persistence",
    "tqdm": "src/cli", "colorama": "src/cli",
}  # fmt: skip


def imports(path: Path) -> Iterator[tuple[str, ast.stmt, bool]]:
    """Each imported module, its statement, and whether it runs when the module is imported."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inner = {id(n) for f in ast.walk(tree) if isinstance(f, ast.FunctionDef) for n in ast.walk(f) if n is not f}
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            inner |= {id(n) for n in ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node, id(node) not in inner
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield str(node.module), node, id(node) not in inner


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def folder_of(module: str) -> str:
    return module.split(".")[1]


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_imports_go_only_down_the_floors(path: Path) -> None:
    here = relative(path).removeprefix("src/").split("/")[0].removesuffix(".py")
    for module, _, _ in imports(path):
        if module.startswith("src.") and folder_of(module) != here:
            there = folder_of(module)
            assert RANK[there] < RANK[here], f"{relative(path)} imports {module}: {here} may not import {there}"


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_libraries_stay_where_they_belong(path: Path) -> None:
    for module, _, at_import in imports(path):
        top = module.split(".")[0]
        if top in ONLY_IN:
            assert relative(path).startswith(ONLY_IN[top]), f"{relative(path)} imports {top}"
        if top in HEAVY:
            assert not at_import, f"{relative(path)} imports {top} at module level"


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_only_the_screen_prints_and_only_config_reads_the_environment(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("print", "input"):
            assert relative(path).startswith("src/cli/"), f"{relative(path)}:{node.lineno}: {node.func.id}()"
        if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv"):
            assert relative(path).startswith("src/config/"), f"{relative(path)}:{node.lineno}: os.{node.attr}"


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_nothing_runs_code_from_data(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            assert name not in ("eval", "exec", "os.system", "yaml.unsafe_load"), f"{relative(path)}:{node.lineno}"
            assert not any(k.arg == "shell" for k in node.keywords), f"{relative(path)}:{node.lineno}: shell="
    assert not any(m.split(".")[0] in ("pickle", "dill", "marshal", "shelve") for m, _, _ in imports(path))


def test_no_import_cycles() -> None:
    graph = {
        "src." + relative(p).removeprefix("src/").removesuffix(".py").removesuffix("/__init__").replace("/", "."): {
            m for m, _, _ in imports(p) if m.startswith("src.")
        }
        for p in SOURCES
    }
    done: set[str] = set()

    def visit(module: str, trail: tuple[str, ...]) -> None:
        assert module not in trail, " -> ".join((*trail, module))
        if module in graph and module not in done:
            for target in graph[module]:
                visit(target, (*trail, module))
            done.add(module)

    for module in graph:
        visit(module, ())


def test_no_folder_has_more_than_a_dozen_entries() -> None:
    for folder in {p.parent for p in SOURCES} - {ROOT / "src"}:
        entries = [e for e in folder.iterdir() if e.name not in ("__pycache__", "__init__.py")]
        assert len(entries) <= 12, f"{relative(folder)} has {len(entries)} entries"
