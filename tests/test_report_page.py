"""The report page, in a real browser: what it shows, what can be done with it, and that strangers' texts stay texts."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from benchmarks.report import NOW, made_page, made_report, outlets
from crawler.history import Account, Alarm, Day
from crawler.report_page.writing import write_page
from crawler.state import State
from tests.browser import PHONE, Open, Opened
from tests.conftest import PUBLISHED, Answer, Result, SmallSite, article_html

SOURCES, DAYS = 24, 45
HOSTILE = "</script><script>document.title = 'owned'</script><img src=x onerror=\"document.title = 'owned'\"> '\"&amp;"
UNSEEN = "\x1b[2J\u202egnp.exe\u200b\u2066"  # an escape sequence, directions turned round, a space of no width


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of made sources, of which two have an alarm, one is failing and one is paused."""
    return made_page(tmp_path_factory.mktemp("made"), outlets(SOURCES), DAYS)


@pytest.fixture
def shown(open_page: Open, page_file: Path) -> Callable[..., Opened]:
    """Opens that page, and waits until its charts are there."""

    def show(file: Path = page_file, **options: Any) -> Opened:
        opened = open_page(file, **options)
        expect(opened.page.locator("html[data-ready]")).to_have_count(1)
        return opened

    return show


def test_what_needs_a_person_stands_first_and_the_worst_above(shown: Callable[..., Opened]) -> None:
    page = shown().page
    assert page.locator("main h2").first.text_content() == "What needs a person"
    assert page.locator(".needs .mark").all_text_contents() == ["alarm", "alarm", "failing", "paused"]
    failing = page.locator(".needs li").nth(2)
    expect(failing.locator("b")).to_have_text("lake-courier")
    expect(failing.locator(".what")).to_contain_text("503 of the front page; 9 times in a row since 2026-11-21")
    expect(failing.locator("code")).to_contain_text("dateline crawl --all https://www.lake-courier.example/ --data ")


def test_the_page_shows_the_run_and_all_sources(shown: Callable[..., Opened]) -> None:
    page = shown().page
    expect(page.locator("header p")).to_contain_text("Wednesday, 25 November 2026, 18:23 UTC")
    assert page.locator("#sources tbody tr").count() == SOURCES
    assert page.locator("#all figcaption").count() == 6
    assert page.locator("#all canvas").count() == 6
    expect(page.locator(".filter output")).to_have_text("24 sources")


def test_a_source_shows_its_charts_when_it_is_opened_and_none_when_it_is_closed(shown: Callable[..., Opened]) -> None:
    page = shown().page
    button = page.locator("#sources").get_by_role("button", name="lake-courier")
    button.click()
    more = page.locator("tr.more")
    titles = [caption.evaluate("it => it.firstChild.textContent") for caption in more.locator("figcaption").all()]
    assert titles == [
        "Articles",
        "Freshness",
        "Outcomes",
        "Response codes",
        "Response time",
        "Dates by source",
        "Dates by confidence",
        "Texts removed",
        "Pages and the site’s memory",
        "Low confidence",
    ]
    assert more.locator("canvas").count() == 10
    expect(more.locator(".facts")).to_contain_text("https://www.lake-courier.example/")
    expect(button).to_have_attribute("aria-expanded", "true")
    button.click()
    assert page.locator("tr.more").count() == 0
    expect(button).to_have_attribute("aria-expanded", "false")


def test_the_numbers_of_a_chart_can_be_read_as_a_table(shown: Callable[..., Opened]) -> None:
    page = shown().page
    outcomes = page.locator("#all figure").nth(1)
    outcomes.locator("summary").click()
    assert outcomes.locator("details th").all_text_contents()[:2] == ["day", "saved"]
    rows = outcomes.locator("details tbody tr")
    assert rows.count() == DAYS
    expect(rows.first.locator("td").first).to_have_text("2026-11-25")
    expect(rows.last.locator("td").first).to_have_text("2026-10-12")


def test_columns_are_sorted_by_their_numbers(shown: Callable[..., Opened]) -> None:
    page = shown().page
    assert page.locator("th[aria-sort]").all_text_contents() == ["State"]
    states = page.locator("#sources td:nth-child(2)").all_text_contents()
    assert states[:4] == ["alarm", "alarm", "failing", "paused"], "the worst first"
    head = page.locator("th", has_text="in 7 days")
    head.get_by_role("button").click()
    expect(head).to_have_attribute("aria-sort", "descending")
    most_first = _numbers(page, 3)
    assert most_first == sorted(most_first, reverse=True)
    head.get_by_role("button").click()
    expect(head).to_have_attribute("aria-sort", "ascending")
    assert _numbers(page, 3) == most_first[::-1]
    page.locator("th", has_text="Source").get_by_role("button").click()
    assert page.locator("th[aria-sort]").all_text_contents() == ["Source"]
    names = page.locator("#sources td:first-child button").all_text_contents()
    assert names == sorted(names)


def test_an_open_source_stays_with_its_charts_when_the_table_is_sorted(shown: Callable[..., Opened]) -> None:
    page = shown().page
    page.locator("#sources").get_by_role("button", name="lake-courier").click()
    page.locator("th", has_text="State").get_by_role("button").click()
    before = page.locator("tr.more").evaluate("more => more.previousElementSibling.cells[0].textContent")
    assert before.startswith("lake-courier")


def test_the_filter_leaves_what_holds_all_words(shown: Callable[..., Opened]) -> None:
    page = shown().page
    words = page.get_by_role("searchbox")
    words.fill("LAKE cour")
    assert page.locator("#sources tbody tr:visible").count() == 1
    expect(page.locator(".filter output")).to_have_text("1 of 24 sources")
    words.fill("no such source")
    expect(page.locator(".filter output")).to_have_text("0 of 24 sources")
    words.fill("")
    page.get_by_role("checkbox").check()
    assert sorted(page.locator("#sources tbody tr:visible td:nth-child(2)").all_text_contents()) == [
        "alarm",
        "alarm",
        "failing",
        "paused",
    ]


def test_what_needs_a_person_leads_to_its_source_even_when_that_is_filtered_away(shown: Callable[..., Opened]) -> None:
    page = shown().page
    page.get_by_role("searchbox").fill("no such source")
    page.locator(".needs").get_by_role("link", name="lake-courier").click()
    expect(page.locator("tr.more")).to_be_visible()
    expect(page.locator("#sources").get_by_role("button", name="lake-courier")).to_be_focused()


def test_a_command_is_copied(shown: Callable[..., Opened]) -> None:
    page = shown(permissions=["clipboard-read", "clipboard-write"]).page
    first = page.locator(".needs li").first
    first.get_by_role("button").click()
    expect(first.get_by_role("button")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == first.locator("code").text_content()


def test_all_is_reached_by_keyboard(shown: Callable[..., Opened]) -> None:
    page = shown().page
    reached = []
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate("document.activeElement.closest('td, th, form, .plot, .command, .theme, a')?.className")
        )
    assert {"skip", "theme", "command", "plot", "filter"} <= set(reached)
    page.locator("th", has_text="Refused").get_by_role("button").focus()
    page.keyboard.press("Enter")
    expect(page.locator("th", has_text="Refused")).to_have_attribute("aria-sort", "descending")
    page.locator("#sources td:first-child button").first.focus()
    page.keyboard.press("Space")
    expect(page.locator("tr.more")).to_be_visible()
    chart = page.locator("tr.more .plot").first
    chart.focus()
    page.keyboard.press("ArrowLeft")
    day = chart.locator(".u-legend .u-value").first
    expect(day).to_have_text("2026-11-25")
    page.keyboard.press("ArrowLeft")
    expect(day).to_have_text("2026-11-24")


def test_the_colours_follow_the_system_and_the_switch(shown: Callable[..., Opened]) -> None:
    light, dark = shown().page, shown(dark=True).page
    assert (_brightness(light), _brightness(dark)) == ("light", "dark")
    before = light.locator("#all canvas").first.screenshot()
    light.get_by_text("Dark", exact=True).click()
    assert _brightness(light) == "dark"
    assert light.locator("#all canvas").first.screenshot() != before, "what is drawn keeps its colours"
    light.reload()
    assert _brightness(light) == "dark", "the choice is forgotten"
    dark.get_by_text("Light", exact=True).click()
    assert _brightness(dark) == "light"


@pytest.mark.parametrize("width", [320, PHONE[0], 700, 800, 1070, 1200, 1280])
def test_nothing_is_wider_than_the_screen(shown: Callable[..., Opened], width: int) -> None:
    opened = shown(size=(width, PHONE[1]))
    assert not opened.is_wider_than_the_screen()
    opened.page.locator("#sources td:first-child button").first.click()
    opened.page.locator("tr.more summary").first.click()
    assert not opened.is_wider_than_the_screen()


def test_what_is_printed_is_light_and_has_no_controls(shown: Callable[..., Opened]) -> None:
    page = shown(dark=True).page
    page.emulate_media(media="print")
    assert _brightness(page) == "light"
    assert page.locator(".filter, .theme, .command button").filter(visible=True).count() == 0
    expect(page.locator(".needs li").first).to_be_visible()


def test_without_scripts_all_but_the_charts_is_there(open_page: Open, page_file: Path) -> None:
    page = open_page(page_file, java_script_enabled=False).page
    assert page.locator(".needs .mark").all_text_contents() == ["alarm", "alarm", "failing", "paused"]
    assert page.locator("#sources tbody tr").count() == SOURCES
    expect(page.get_by_text("Charts, sorting and the filter need")).to_be_visible()


def test_texts_of_strangers_stay_texts(shown: Callable[..., Opened], tmp_path: Path) -> None:
    page = shown(_hostile_page(tmp_path)).page
    assert page.title().startswith("Dateline report")
    assert page.locator("img").count() == 0
    assert page.locator("script").count() == 3, "the history, the library and our own"
    text = page.locator(".needs").inner_text()
    assert HOSTILE in text
    page.locator("#sources td:first-child button").first.click()
    assert HOSTILE in page.locator("tr.more").inner_text()
    assert HOSTILE in page.locator("tr.more figure", has_text="addresses a day").locator(".u-legend").inner_text()
    everything = page.locator("html").inner_text()
    assert "gnp.exe" in everything
    assert re.findall("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069]", everything) == []
    assert page.title().startswith("Dateline report")


def test_long_words_of_strangers_make_nothing_wider_than_the_screen(
    shown: Callable[..., Opened], tmp_path: Path
) -> None:
    opened = shown(_hostile_page(tmp_path, name="x" * 1000), size=(320, PHONE[1]))
    opened.page.locator("#sources td button").first.click()
    assert not opened.is_wider_than_the_screen()


def test_a_command_with_a_strangers_address_is_one_word_and_shows_all(
    shown: Callable[..., Opened], tmp_path: Path
) -> None:
    page = shown(_hostile_page(tmp_path)).page
    commands = page.locator(".needs code").all_text_contents()
    assert "dateline why 'https://example.org/$(reboot)%E2%80%AE;`id`' --data x" in commands
    assert all("\u202e" not in command and "\x1b" not in command for command in commands)


def test_the_page_of_a_real_run_shows_its_source_and_why_another_failed(
    shown: Callable[..., Opened], dateline: Callable[..., Result], tmp_path: Path, small_site: SmallSite
) -> None:
    small_site.answers["/news/bridge.html"] = Answer(article_html(head=PUBLISHED))
    gone = f"{small_site.url.replace('127.0.0.1', '127.0.0.2')}/"
    dateline("crawl", f"{small_site.url}/news/bridge.html", gone, "--allow", "127.0.0.0/8", "--delay", "0", "--quiet")
    page = shown(tmp_path / "data" / "reports" / "index.html").page
    assert page.locator("#sources td:nth-child(2)").all_text_contents() == ["failing", "well"]
    expect(page.locator(".needs li")).to_contain_text(gone.removeprefix("http://").removesuffix("/"))
    page.locator("#sources td button").last.click()
    expect(page.locator("tr.more figure", has_text="addresses a day")).to_contain_text("saved")


def test_the_page_of_500_sources_and_90_days_is_below_1_mb(tmp_path: Path) -> None:
    assert made_page(tmp_path, outlets(500), 90).stat().st_size < 1_000_000


def _hostile_page(folder: Path, name: str = HOSTILE + UNSEEN) -> Path:
    """A source whose name, outcomes, errors and alarms are hostile, and a host that is."""
    account = Account(runs=1, found=3)
    account.outcomes[name] = 3
    account.days[NOW.date().isoformat()] = 3
    alarm = Alarm(
        source=name,
        kind=name,
        usual=UNSEEN,
        now=HOSTILE,
        since=NOW,
        severity="high",
        command="dateline why 'https://example.org/$(reboot)\u202e;`id`' --data x",
    )
    (folder / "reports").mkdir()
    state = State(folder)
    days = [NOW.date() - dt.timedelta(days=left) for left in (1, 0)]
    day = Day(source=name, day=days[0], asked_at=NOW, account=account)
    state.history.keep([day, replace(day, day=days[1], alarms=(alarm,))])
    state.close()
    url = f"https://example.org/{HOSTILE}"
    report = made_report([]) | {
        "error": name,
        "names": {url: name},
        "failing": {url: {"since": "2026-11-21T04:10:00Z", "times": 2, "why": name, "again": "2026-11-26T02:10:00Z"}},
        "paused": {HOSTILE: UNSEEN},
        "removed": {HOSTILE: 4},
    }
    return write_page(folder, report)


def _numbers(page: Page, column: int) -> list[int]:
    return [int(text.replace(",", "")) for text in page.locator(f"#sources td:nth-child({column})").all_text_contents()]


def _brightness(page: Page) -> str:
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return "light" if int(re.findall(r"\d+", colour)[0]) > 127 else "dark"
