"""``dateline extract``: one line for every page, in order, whatever the page is like."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crawler.cli import main
from crawler.commands import extraction, learning
from crawler.gzipped import unpacked
from tests.conftest import PUBLISHED, Answer, Result, SmallSite, article_html, assert_valid, records_in
from tests.test_workers import work

Dateline = Callable[..., Result]
CANONICAL = '<link rel="canonical" href="https://example.org/news/bridge">'


def manifest(folder: Path, *entries: dict[str, Any]) -> Path:
    """A manifest beside the pages that it names."""
    path = folder / "pages.jsonl"
    path.write_text("".join(json.dumps(entry) + "\n" for entry in entries), "utf-8")
    return path


def entry(number: int, path: str, **more: str) -> dict[str, Any]:
    return {"id": f"page {number}", "url": f"https://example.org/news/{number}", "path": path, **more}


def lines_of(result: Result) -> list[dict[str, Any]]:
    records = [json.loads(line) for line in result.out.splitlines()]
    for record in records:
        assert_valid(record)
    return records


def test_each_line_of_a_manifest_gives_one_line_in_order(dateline: Dateline, tmp_path: Path) -> None:
    (tmp_path / "packed.html").write_bytes(gzip.compress(article_html("First bridge closed", head=PUBLISHED)))
    (tmp_path / "plain.html.gz").write_bytes(article_html("Second bridge closed"))
    (tmp_path / "empty.html").write_bytes(b" \n")
    (tmp_path / "cut.html.gz").write_bytes(gzip.compress(article_html())[:-20])
    paths = ["packed.html", "empty.html", "missing.html", "cut.html.gz", "plain.html.gz"]
    pages = [entry(number, path, fetched_at="2025-05-01") for number, path in enumerate(paths)]
    result = dateline("extract", "--manifest", manifest(tmp_path, *pages), "--no-memory")
    lines = lines_of(result)
    assert [(line["id"], line["url"]) for line in lines] == [(page["id"], page["url"]) for page in pages]
    assert [line.get("title") or line["_dateline"]["refused"] for line in lines] == [
        "First bridge closed",
        "empty page",
        "unreadable",
        "unreadable",
        "Second bridge closed",
    ]
    assert result.code == 1
    assert [line.split("/")[-1] for line in result.errors] == [
        "missing.html: unreadable: No such file or directory",
        "cut.html.gz: unreadable: damaged gzip: it ends too early",
    ]


def test_paths_start_from_the_base_folder(dateline: Dateline, tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "a.html").write_bytes(article_html())
    listed = manifest(tmp_path, entry(1, "a.html"))
    result = dateline("extract", "--manifest", listed, "--base", "pages")
    assert [line["id"] for line in lines_of(result)] == ["page 1"]


def test_a_saved_page_s_facts_are_those_of_the_manifest(dateline: Dateline, tmp_path: Path) -> None:
    (tmp_path / "a.html").write_bytes(article_html(head=PUBLISHED))
    listed = manifest(tmp_path, entry(1, "a.html", fetched_at="2025-05-01T08:00:00+02:00"))
    (line,) = lines_of(dateline("extract", "--manifest", listed))
    about = line["_dateline"]
    assert {key: about[key] for key in ("date_crawled", "first_seen", "http_status", "found_by", "run", "version")} == {
        "date_crawled": "2025-05-01T06:00:00Z",
        "first_seen": "2025-05-01T06:00:00Z",
        "http_status": None,
        "found_by": None,
        "run": None,
        "version": 1,
    }


def test_the_encoding_of_the_manifest_is_used(dateline: Dateline, tmp_path: Path) -> None:
    page = article_html("Брэсцкі мост закрыты").decode().replace('<meta charset="utf-8">', "")
    (tmp_path / "a.html").write_bytes(page.encode("windows-1251"))
    (line,) = lines_of(dateline("extract", "--manifest", manifest(tmp_path, entry(1, "a.html", encoding="cp1251"))))
    assert line["title"] == "Брэсцкі мост закрыты"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "not JSON"),
        ("[]", "expected an object with id, url, path, encoding, fetched_at"),
        ('{"id": "1", "url": "https://example.org/"}', "'path' should be a text, and is None"),
        ('{"id": 1, "url": "https://example.org/", "path": "a"}', "'id' should be a text, and is 1"),
        (
            '{"id": "1", "url": "https://example.org/", "path": "a", "fetched_at": "May"}',
            "'fetched_at' should be RFC 3339 or YYYY-MM-DD, and is 'May'",
        ),
    ],
)
def test_a_malformed_line_is_named_before_anything_is_written(
    dateline: Dateline, tmp_path: Path, line: str, said: str
) -> None:
    path = manifest(tmp_path, entry(1, "a.html"))
    path.write_text(path.read_text() + "\n" + line + "\n")
    result = dateline("extract", "--manifest", "pages.jsonl", "--output", "out.jsonl")
    assert (result.code, result.out, len(result.errors)) == (2, "", 1)
    assert f"pages.jsonl line 3: {said}" in result.err
    assert not (tmp_path / "out.jsonl").exists()


def test_a_file_s_address_is_the_one_that_it_declares(dateline: Dateline, tmp_path: Path) -> None:
    (tmp_path / "a.html").write_bytes(article_html(head=CANONICAL))
    (tmp_path / "b.html").write_bytes(article_html())
    lines = lines_of(dateline("extract", "a.html", "b.html"))
    assert [line["url"] for line in lines] == ["https://example.org/news/bridge", (tmp_path / "b.html").as_uri()]


def test_the_id_of_a_file_is_that_of_a_crawl(dateline: Dateline, tmp_path: Path, small_site: SmallSite) -> None:
    url = f"{small_site.url}/news/bridge-closed-after-the-storm"
    page = article_html(head=f'<link rel="canonical" href="{url}">{PUBLISHED}')
    small_site.answers["/news/bridge-closed-after-the-storm"] = Answer(page)
    (tmp_path / "a.html").write_bytes(page)
    dateline("crawl", url, "--allow", "127.0.0.1", "--output", "crawled.jsonl")
    (saved,) = lines_of(dateline("extract", "a.html"))
    (crawled,) = records_in(tmp_path / "crawled.jsonl")
    assert {key for key in saved if saved[key] != crawled[key]} == {"_dateline"}


def test_an_address_is_fetched_and_extracted(dateline: Dateline, small_site: SmallSite) -> None:
    small_site.answers["/a"] = Answer(article_html(head=PUBLISHED))
    (line,) = lines_of(dateline("extract", f"{small_site.url}/a", "--allow", "127.0.0.1"))
    assert (line["title"], line["date_published"]) == ("Bridge closed after the storm", "2025-04-26T10:00:00+03:00")
    assert (line["_dateline"]["http_status"], line["_dateline"]["found_by"]) == (200, "url")


def test_an_address_that_gives_nothing_has_its_line_too(dateline: Dateline, small_site: SmallSite) -> None:
    result = dateline("extract", f"{small_site.url}/a", "--allow", "127.0.0.1")
    (line,) = lines_of(result)
    assert (result.code, result.err) == (1, f"dateline: {small_site.url}/a: unreadable: HTTP status 404\n")
    assert line["_dateline"] == {"refused": "unreadable", "detail": "HTTP status 404"}


def test_a_private_address_is_not_fetched_unless_allowed(dateline: Dateline, small_site: SmallSite) -> None:
    result = dateline("extract", f"{small_site.url}/a")
    assert result.code == 1
    assert "is not a public address (use --allow to permit it)" in result.err
    assert small_site.asked == []


def test_the_output_file_is_replaced_when_all_is_done(dateline: Dateline, tmp_path: Path) -> None:
    (tmp_path / "a.html").write_bytes(article_html())
    (tmp_path / "out.jsonl").write_text("earlier result\n")
    assert dateline("extract", "a.html", "--output", "out.jsonl").code == 0
    assert len(records_in(tmp_path / "out.jsonl")) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.html", "out.jsonl"]


def test_an_output_in_no_folder_ends_with_code_74(dateline: Dateline, tmp_path: Path) -> None:
    (tmp_path / "a.html").write_bytes(article_html())
    result = dateline("extract", "a.html", "--output", "none/out.jsonl")
    assert (result.code, result.err) == (74, "dateline: none/out.jsonl: No such file or directory\n")


def test_an_undated_page_is_refused_when_asked(dateline: Dateline, tmp_path: Path) -> None:
    (tmp_path / "a.html").write_bytes(article_html())
    (line,) = lines_of(dateline("extract", "a.html", "--undated", "refuse"))
    assert line["_dateline"]["refused"] == "undated"


def test_a_page_gives_the_same_line_in_any_order_and_company(dateline: Dateline, tmp_path: Path) -> None:
    names = [f"{number}.html" for number in range(8)]
    for number, name in enumerate(names):
        (tmp_path / name).write_bytes(article_html(f"Bridge {number} closed after the storm"))
    forward = dateline("extract", *names).out.splitlines()
    backward = dateline("extract", *reversed(names)).out.splitlines()
    assert forward == backward[::-1]
    assert dateline("extract", names[3]).out.splitlines() == [forward[3]]


def test_a_bomb_of_gzip_is_not_unpacked_whole() -> None:
    content = unpacked(gzip.compress(bytes(3_000_000)), limit=1_000_000)
    assert (len(content.body), content.is_over) == (1_000_000, True)


def test_broken_rules_end_with_one_line_and_code_70(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(learning, "extract_page", work)
    for name in ("a.html", "b.html"):
        (tmp_path / name).write_bytes(b"broken rules")
    assert main(["extract", str(tmp_path / "a.html"), str(tmp_path / "b.html")]) == 70
    assert capsys.readouterr() == ("", "dateline: en.toml: [appeal] any: not a list\n")


SHIPPED = Path(extraction.__file__).parents[1] / "extraction" / "model" / "weights.json"


@pytest.mark.parametrize("how", [("extract",), ("why", "--text")], ids=["records", "why"])
def test_a_copy_of_the_shipped_weights_changes_nothing(
    dateline: Dateline, tmp_path: Path, how: tuple[str, ...]
) -> None:
    (tmp_path / "a.html").write_bytes(article_html(head=PUBLISHED))
    (tmp_path / "copy.json").write_bytes(SHIPPED.read_bytes())
    plain, copied = dateline(*how, "a.html"), dateline(*how, "--model", "copy.json", "a.html")
    assert (copied.code, copied.err) == (0, "")
    assert copied.out == plain.out != ""


@pytest.mark.parametrize("how", [("extract",), ("why", "--text")], ids=["records", "why"])
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "No such file or directory"),
        (b"{", "not a file of weights: JSONDecodeError"),
        (b'{"format": 1, "features": []}', "trained for other features than this version's: train it again"),
    ],
    ids=["missing", "cut", "other features"],
)
def test_a_model_that_cannot_be_used_is_named_before_any_page_is_read(
    dateline: Dateline, tmp_path: Path, how: tuple[str, ...], content: bytes | None, said: str
) -> None:
    (tmp_path / "a.html").write_bytes(article_html())
    if content is not None:
        (tmp_path / "own.json").write_bytes(content)
    result = dateline(*how, "--model", "own.json", "a.html")
    assert (result.code, result.out, len(result.errors)) == (2, "", 1)
    assert f"--model own.json: {said}" in result.err
