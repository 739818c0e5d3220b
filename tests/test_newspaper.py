"""The example newspaper is right: it serves what it says, and what it says covers what a crawl must meet."""

from __future__ import annotations

import datetime as dt
import gzip
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator
from html import unescape
from urllib.parse import urljoin, urlsplit
from urllib.robotparser import RobotFileParser

import pytest

from crawler.items import Kind
from tests.newspaper import Expected, Newspaper, articles, serve, server

SLUGS = sorted(article.slug for article in articles())
NS = {
    "s": "http://www.sitemaps.org/schemas/sitemap/0.9",
    "n": "http://www.google.com/schemas/sitemap-news/0.9",
    "a": "http://www.w3.org/2005/Atom",
}
_INLINE_TAG = re.compile(r"</?(?:a|em|strong|span|b|i|time)\b[^>]*>")
_HREF = re.compile(r'<a\b[^>]*?href="([^"]+)"')


@pytest.fixture(scope="module")
def newspaper() -> Iterator[Newspaper]:
    with serve() as served:
        yield served


@pytest.fixture(scope="module")
def expected(newspaper: Newspaper) -> dict[str, Expected]:
    return {record["slug"]: record for record in newspaper.expected()}


def fetch(url: str, **headers: str) -> tuple[int, bytes, dict[str, str]]:
    """Status, body and headers (names in lower case) of a page."""
    try:
        request = urllib.request.Request(url, headers=headers)  # noqa: S310 - our own server
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            return answer.status, answer.read(), {k.lower(): v for k, v in answer.headers.items()}
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read(), {k.lower(): v for k, v in error.headers.items()}


def get(url: str) -> str:
    status, body, _ = fetch(url)
    assert status == 200, url
    return body.decode()


def seen_text(html: str) -> str:
    """What a reader sees of a page, in one line."""
    html = re.sub(r"<script\b.*?</script>|<head\b.*?</head>", " ", html, flags=re.DOTALL)
    text = unescape(re.sub(r"<[^>]+>", " ", _INLINE_TAG.sub("", html)))
    return " ".join(text.replace("\u00ad", "").split())


def reachable(newspaper: Newspaper, starts: list[str]) -> set[str]:
    """Every address that links lead to from the starts, without query and fragment, inside the newspaper."""
    found, queue = set(starts), list(starts)
    hosts = {urlsplit(base).netloc for base in newspaper.bases.values()}
    for url in queue:
        _, body, headers = fetch(url)
        hrefs = _HREF.findall(unescape(body.decode())) if headers["content-type"].startswith("text/html") else []
        links = [urljoin(url, href.split("?")[0].split("#")[0]) for href in hrefs]
        fresh = dict.fromkeys(link for link in links if link not in found and urlsplit(link).netloc in hosts)
        found.update(fresh)
        queue.extend(fresh)
    return found


@pytest.mark.parametrize("slug", SLUGS)
def test_page_holds_every_expected_paragraph_once_in_order(slug: str, expected: dict[str, Expected]) -> None:
    record = expected[slug]
    text, at = seen_text(get(record["url"])), 0
    for paragraph in (p for p in record["paragraphs"] if " | " not in p):
        assert text.count(paragraph) == 1, paragraph
        assert text.index(paragraph) > at
        at = text.index(paragraph)


@pytest.mark.parametrize("slug", SLUGS)
def test_page_prints_every_notice_and_the_expected_body_none(slug: str, expected: dict[str, Expected]) -> None:
    record = expected[slug]
    text = seen_text(get(record["url"]))
    kinds = {kind.value for kind in Kind}
    for kind, words in record["notices"]:
        assert kind in kinds
        assert " ".join(words.split()) in text
        assert words not in record["content_text"]


@pytest.mark.parametrize("slug", SLUGS)
def test_article_is_long_enough_and_consistent(slug: str, expected: dict[str, Expected]) -> None:
    record = expected[slug]
    assert 5 <= len(record["paragraphs"]) <= 17
    assert record["content_text"].split("\n\n") == record["paragraphs"]
    assert record["summary"] not in record["paragraphs"]
    assert record["title"] not in record["content_text"]
    assert not re.search(r"[\u00ad\u00a0]|[*{}<>]|\]\(", record["content_text"])


@pytest.mark.parametrize("slug", SLUGS)
def test_dates_are_real_and_ordered(slug: str, expected: dict[str, Expected]) -> None:
    record = expected[slug]
    published = dt.datetime.fromisoformat(record["date_published"])
    assert dt.date(2025, 3, 1) <= published.date() <= dt.date(2025, 5, 31)
    assert ("T" in record["date_published"]) == (published.tzinfo is not None)
    if record["date_modified"]:
        assert record["date_modified"][:10] > record["date_published"][:10]


def test_newspaper_covers_themes_languages_and_bylines(expected: dict[str, Expected]) -> None:
    records = expected.values()
    assert len(records) == 26
    assert Counter(r["outlet"] for r in records) == {"harbour": 9, "lantern": 10, "mills": 7}
    assert Counter(r["language"] for r in records) == {"en": 21, "uk": 5}
    bylines = {"glued", "plain", "json_ld", "rel_author", "role", "meta", "text_uk", "none"}
    assert {r["byline"] for r in records} == bylines
    assert any(len(r["authors"]) == 2 for r in records)
    paragraphs = [p for r in records for p in r["paragraphs"]]
    assert len(paragraphs) == len(set(paragraphs))


def test_newspaper_covers_every_way_of_dating(expected: dict[str, Expected]) -> None:
    ways = {(r["date_way"], r["language"]) for r in expected.values()}
    assert {way for way, _ in ways} == {"json-ld", "meta", "numeric", "words", "time", "feed", "news-sitemap"}
    assert {("words", "en"), ("words", "uk"), ("numeric", "uk"), ("feed", "en"), ("feed", "uk")} <= ways
    assert {slug for slug, r in expected.items() if r["date_modified"]} == {
        "harbour-budget-in-figures",
        "klinika-na-kolesakh",
        "paper-prints-longest-correction",
        "school-bus-route-saved",
    }
    assert all(int(r["date_published"][8:]) > 12 for r in expected.values() if r["date_way"] == "numeric")


def test_newspaper_covers_every_kind_of_notice(expected: dict[str, Expected]) -> None:
    printed = {(notice.kind, r["language"]) for r in expected.values() for notice in r["notices"]}
    wanted = """donation appeal;ad-block notice;typo prompt;reading time;headline;caption;related links;newsletter
    share bar;app promotion;comment prompt;copyright;advertisement label;subscription;correction;language switch
    cookie notice"""
    assert {kind for kind, _ in printed} == {kind.strip() for line in wanted.splitlines() for kind in line.split(";")}
    in_ukrainian = {kind for kind, language in printed if language == "uk"}
    assert {"donation appeal", "ad-block notice", "typo prompt", "reading time", "newsletter"} <= in_ukrainian
    appeals = {n.text for r in expected.values() for n in r["notices"] if n.kind == "donation appeal"}
    assert len(appeals) >= 8


def test_date_stands_only_where_the_article_says(newspaper: Newspaper, expected: dict[str, Expected]) -> None:
    for record in expected.values():
        html = get(record["url"])
        date, way = record["date_published"], record["date_way"]
        assert (f'"datePublished": "{date}"' in html) == (way == "json-ld"), record["slug"]
        assert (f'article:published_time" content="{date}"' in html) == (way == "meta")
        assert (f'<time datetime="{date}"' in html) == (way == "time")
        if way in ("feed", "news-sitemap"):
            assert date not in html
    assert "2 hours ago" in get(expected["drone-school-barn"]["url"])
    assert ">26/04/2025<" in get(expected["evacuation-train-library"]["url"])
    assert ">26 квітня 2025<" in get(expected["mist-cherez-ozernu"]["url"])
    assert "Updated 22 April 2025 · Published 17 April 2025" in get(expected["school-bus-route-saved"]["url"])


def test_bylines_are_printed_in_their_awkward_forms(expected: dict[str, Expected]) -> None:
    def page(slug: str) -> str:
        return get(expected[slug]["url"])

    assert ">byMaria Kovalenko" in re.sub(r"<a class[^>]*>", "", page("quay-market-at-dawn"))
    assert "By Ann Lee and Omar Reyes<" in page("night-ferry-returns")
    assert 'rel="author">Harriet Osei</a>' in page("lighthouse-lens-home")
    assert "By Gwen Adair, Business Reporter" in page("patronage-platform-raises-fees")
    assert "Текст: Олена Дорошенко" in page("khlibna-bryhada")
    only_data = page("harbour-budget-in-figures")
    assert '"author": [{"@type": "Person", "name": "Ruth Okafor"}]' in only_data
    assert "Ruth Okafor" not in seen_text(only_data)


def test_awkward_theme_is_awkward(expected: dict[str, Expected]) -> None:
    br = get(expected["choir-on-strike"]["url"])
    assert br.count("<br><br>") == 5
    assert "<p" not in br
    split = get(expected["beekeepers-count-swarms"]["url"])
    assert split.index('class="x p1"') < split.index("More from Three Mills Post") < split.index('class="x p2"')
    misleading = get(expected["bus-depot-becomes-school"]["url"])
    assert misleading.index('class="teaser-box wide"') < misleading.index('class="article-text"')


def test_articles_about_notices_speak_their_words(expected: dict[str, Expected]) -> None:
    assert "become a member" in expected["patronage-platform-raises-fees"]["content_text"]
    assert "disable your ad blocker" in expected["ad-blockers-and-cookie-law"]["content_text"]
    assert "підтримайте нас на Patreon" in expected["yak-vydannia-prosiat-hroshi"]["content_text"]
    assert "Correction number twelve" in expected["paper-prints-longest-correction"]["content_text"]
    assert expected["swimming-pool-reopens"]["corrections"] == [
        "Correction: An earlier version of this article said that the pool was first opened in 1921. It was 1911."
    ]


def test_rich_article_has_heading_list_table_and_quote(expected: dict[str, Expected]) -> None:
    record = expected["harbour-budget-in-figures"]
    html = get(record["url"])
    assert all(html.count(tag) == n for tag, n in (("<h3>", 3), ("<li>lamps", 1), ("<blockquote>", 1), ("<table>", 1)))
    assert "Slipway | £640,000 | 2026" in record["paragraphs"]
    market = get(expected["quay-market-at-dawn"]["url"])
    assert '<span class="dropcap">T</span>he auc&shy;tioneer' in market
    assert "ten&nbsp;to five" in market


def test_summary_is_null_where_nothing_or_the_first_paragraph_is_declared(expected: dict[str, Expected]) -> None:
    assert {slug for slug, r in expected.items() if r["summary"] is None} == {
        "allotment-gate-dispute",
        "night-baker-retires",
    }
    assert 'name="description"' not in get(expected["allotment-gate-dispute"]["url"])
    repeated = f'name="description" content="{expected["night-baker-retires"]["paragraphs"][0]}"'
    assert repeated in unescape(get(expected["night-baker-retires"]["url"]))


def test_robots_name_the_sitemap_and_close_the_drafts(newspaper: Newspaper) -> None:
    robots = {}
    for name, base in newspaper.bases.items():
        robots[name] = RobotFileParser()
        robots[name].parse(get(f"{base}/robots.txt").splitlines())
    assert robots["harbour"].site_maps() == [newspaper.bases["harbour"] + "/sitemap_index.xml"]
    assert robots["lantern"].site_maps() is robots["mills"].site_maps() is None
    embargoed = newspaper.bases["lantern"] + "/drafts/embargoed-appointment"
    assert embargoed in newspaper.forbidden()
    assert not robots["lantern"].can_fetch("*", embargoed)
    assert all(robots[r["outlet"]].can_fetch("*", r["url"]) for r in newspaper.expected())


def test_sitemap_index_leads_to_every_article_with_its_date(newspaper: Newspaper) -> None:
    base = newspaper.bases["harbour"]
    index = ET.fromstring(get(f"{base}/sitemap_index.xml"))
    news, ordinary = (ET.fromstring(get(loc.text or "")) for loc in index.iterfind("s:sitemap/s:loc", NS))
    dates = {
        entry.findtext("s:loc", "", NS): entry.findtext("n:news/n:publication_date", "", NS)
        for entry in news.iterfind("s:url", NS)
    }
    assert dates == {r["url"]: r["date_published"] for r in newspaper.expected() if r["outlet"] == "harbour"}
    listed = {loc.text for loc in ordinary.iterfind("s:url/s:loc", NS)}
    assert set(dates) < listed
    assert f"{base}/category/transport/" in listed


def test_front_page_names_feeds_that_date_their_articles(newspaper: Newspaper, expected: dict[str, Expected]) -> None:
    base = newspaper.bases["lantern"]
    feeds = re.findall(r'<link rel="alternate" type="[^"]+" [^>]*href="([^"]+)"', get(f"{base}/"))
    rss, atom = (ET.fromstring(get(urljoin(base, feed))) for feed in feeds)
    items = {i.findtext("guid"): i.findtext("pubDate") for i in rss.iterfind("channel/item")}
    assert items[expected["drone-school-barn"]["url"]] == "Wed, 14 May 2025 18:20:00 +0300"
    assert set(items) == {r["url"] for r in expected.values() if r["outlet"] == "lantern" and r["language"] == "en"}
    entries = {e.findtext("a:id", "", NS): e.findtext("a:published", "", NS) for e in atom.iterfind("a:entry", NS)}
    assert entries[expected["radio-z-dzvinytsi"]["url"]] == "2025-05-19T07:45:00+03:00"
    assert len(entries) == 3


def test_links_lead_to_every_article_and_every_refused_page(newspaper: Newspaper) -> None:
    found = reachable(newspaper, newspaper.front_pages)
    assert {r["url"] for r in newspaper.expected()} <= found
    assert {page.url for page in newspaper.refused()} <= found
    assert found - {r["url"] for r in newspaper.expected()} <= {page.url for page in newspaper.refused()}


def test_front_pages_link_an_article_under_two_addresses(newspaper: Newspaper) -> None:
    for front in newspaper.front_pages:
        hrefs = [unescape(href) for href in _HREF.findall(get(front))]
        tracked = {href.split("?")[0] for href in hrefs if "?utm_source=" in href}
        assert tracked & set(hrefs)
    url = newspaper.expected()[0]["url"]
    assert fetch(f"{url}?utm_source=front&utm_medium=card")[1] == fetch(url)[1]


def test_refused_pages_are_what_they_are_called(newspaper: Newspaper) -> None:
    pages = {page.why: page.url for page in newspaper.refused()}
    wanted = {"index page", "about page", "page without a date", "soft 404", "404", "PDF", "robots", "contact page"}
    assert set(pages) == wanted | {"video", "gallery"}
    assert fetch(pages["404"])[0] == 404
    assert "Page not found" in get(pages["soft 404"])
    assert fetch(pages["PDF"])[2]["content-type"] == "application/pdf"
    assert "<video" in get(pages["video"])
    assert any("/tag/" in page.url for page in newspaper.refused())


def test_page_is_gzipped_and_not_sent_again_when_the_client_has_it(newspaper: Newspaper) -> None:
    front = newspaper.front_pages[0]
    _, plain, headers = fetch(front)
    _, packed, packed_headers = fetch(front, **{"Accept-Encoding": "gzip"})
    assert packed_headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed) == plain
    assert fetch(front, **{"If-None-Match": headers["etag"]})[:2] == (304, b"")


def test_requests_are_logged_with_host_and_query() -> None:
    with serve() as newspaper:
        fetch(newspaper.front_pages[1] + "contact?utm_source=x")
        assert [tuple(hit) for hit in newspaper.hits] == [
            (urlsplit(newspaper.front_pages[1]).netloc, "/contact?utm_source=x")
        ]
        assert newspaper.requested() == [newspaper.front_pages[1] + "contact?utm_source=x"]


def test_hidden_article_is_nowhere_until_published() -> None:
    with serve(hide=["drone-school-barn"]) as newspaper:
        base = newspaper.bases["lantern"]
        assert len(newspaper.expected()) == 25
        assert fetch(f"{base}/2025/drone-school-barn")[0] == 404
        pages = [f"{base}/", f"{base}/feed/en.rss", f"{base}/section/reports", f"{base}/2025/bakery-generator"]
        assert not any("drone-school-barn" in get(page) for page in pages)
        newspaper.publish("drone-school-barn")
        assert len(newspaper.expected()) == 26
        assert all("drone-school-barn" in get(page) for page in pages)


def test_serving_refuses_an_unknown_article_to_hide() -> None:
    with pytest.raises(ValueError, match="no such articles: \\['no-such'\\]"), serve(hide=["no-such"]):
        pass


def test_newspaper_has_three_ports_where_only_one_loopback_address_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "_HOSTS", ("192.0.2.1",) * 3)  # RFC 5737: on nobody's machine
    with serve() as newspaper:
        assert {urlsplit(front).hostname for front in newspaper.front_pages} == {"127.0.0.1"}
        titles = [re.findall("<title>(.*?)</title>", get(front)) for front in newspaper.front_pages]
    assert titles == [["Harbour Courier | News from Saltmere"], ["Steppe Lantern"], ["Three Mills Post"]]


def test_command_hands_the_exit_code_of_the_crawl_on() -> None:
    command = [sys.executable, "-m", "tests.newspaper", "--", "--no-such-option"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "--no-such-option" in done.stderr


def test_command_serves_until_interrupted() -> None:
    command = [sys.executable, "-m", "tests.newspaper", "--serve-only"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline().strip() for _ in range(4)]
        assert all("<title>" in get(front) for front in lines[1:])
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == 0


def test_command_says_so_when_the_port_is_taken(newspaper: Newspaper) -> None:
    port = str(urlsplit(newspaper.front_pages[0]).port)
    command = [sys.executable, "-m", "tests.newspaper", "--serve-only", "--port", port]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith(f"newspaper: cannot serve on port {port}: ")
    assert len(done.stderr.splitlines()) == 1
