"""Who may import whom: low never imports high, and the pure room touches nothing of the world."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("crawler", "spiders", "pipelines")

# The floors, lowest first; a module belongs to the longest name that it begins with, and may import its own floor and
# those below. Modules named nowhere are on the floor of "crawler".
FLOORS = {
    "crawler": 1,
    "crawler.items": 0,
    "crawler.site": 0,
    "crawler.errors": 0,
    "crawler.exits": 0,
    "crawler.run": 0,
    "crawler.polling": 0,
    "crawler.extraction": 1,
    "crawler.failures": 2,
    "crawler.resolver": 2,
    "crawler.room": 2,
    "crawler.connections": 2,
    "crawler.robots": 2,
    "crawler.site_files": 2,
    "crawler.pace": 2,
    "crawler.middlewares": 2,
    "crawler.extensions": 2,
    "crawler.live": 2,
    "crawler.progress": 2,
    "crawler.crawled": 2,
    "crawler.keeping": 2,
    "crawler.footprint": 2,
    "crawler.feeds": 2,
    "crawler.cluster.heartbeat": 2,
    "crawler.cluster.child": 5,
    "spiders": 3,
    "pipelines": 3,
    "crawler.settings": 4,
    "crawler.cli": 5,
    "crawler.commands": 5,
}
SCRAPY = {"scrapy", "twisted", "itemadapter"}
# what the pure room may not even know of: the crawl, files of its own, the network, other processes
WORLD = {"sqlite3", "socket", "urllib.request", "http", "asyncio", "subprocess", "multiprocessing", "threading"}
IMPURE = SCRAPY | WORLD


def modules() -> list[tuple[str, Path]]:
    """Every module of the project by name."""
    paths = (path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py")))
    return [(".".join(p.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"), p) for p in paths]


def imports_of(path: Path) -> Iterator[str]:
    """The names that a file imports anywhere in it, ``from a import b`` as both ``a`` and ``a.b``."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: relative import"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def floor_of(module: str) -> int:
    """The floor that a module of the project is on."""
    parts = module.split(".")
    names = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next(FLOORS[name] for name in names if name in FLOORS)


def belongs_to(name: str, packages: set[str]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def violations(name: str, path: Path) -> Iterator[str]:
    """What a module imports against the order, in words."""
    ours = [other for other in imports_of(path) if belongs_to(other, set(PACKAGES))]
    for other in ours:
        if floor_of(other) > floor_of(name):
            yield f"{name} imports {other} from above"
        if {name.split(".")[0], other.split(".")[0]} == {"spiders", "pipelines"}:
            yield f"{name} imports {other}"


@pytest.mark.parametrize(("name", "path"), modules())
def test_no_module_imports_from_above(name: str, path: Path) -> None:
    assert list(violations(name, path)) == []


@pytest.mark.parametrize("path", [path for name, path in modules() if name.startswith("crawler.extraction")], ids=str)
def test_the_pure_room_imports_nothing_of_the_world(path: Path) -> None:
    allowed = {"crawler", "crawler.items", "crawler.extraction", "crawler.errors", "crawler.identity", "crawler.site"}
    for other in imports_of(path):
        assert not belongs_to(other, IMPURE)
        assert not belongs_to(other, {"crawler"}) or other in allowed or belongs_to(other, allowed - {"crawler"})


@pytest.mark.parametrize("path", [path for name, path in modules() if floor_of(name) <= 1], ids=str)
def test_the_lower_floors_do_not_know_scrapy(path: Path) -> None:
    assert [other for other in imports_of(path) if belongs_to(other, SCRAPY)] == []


def test_the_records_need_the_standard_library_alone() -> None:
    standard = {"__future__", "datetime", "dataclasses", "enum", "typing", "collections"}
    for name in ("items.py", "site.py"):
        imported = [other for other in imports_of(ROOT / "crawler" / name) if not belongs_to(other, {"crawler.site"})]
        assert {other.split(".")[0] for other in imported} <= standard


def test_settings_are_strings_alone() -> None:
    ours = {name for name in imports_of(ROOT / "crawler" / "settings.py") if belongs_to(name, set(PACKAGES))}
    assert ours <= {"crawler.useragent", "crawler.useragent.user_agent"}


def test_a_violation_is_seen(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.py"
    wrong.write_text("def late():\n    from pipelines.jsonl import Record\n    import crawler.cli\n")
    assert list(violations("spiders.wrong", wrong)) == [
        "spiders.wrong imports pipelines.jsonl",
        "spiders.wrong imports pipelines.jsonl.Record",
        "spiders.wrong imports crawler.cli from above",
    ]
