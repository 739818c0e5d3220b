"""The page that ``dateline why`` writes, in a browser: what it shows, what it hides, and that nothing in it acts."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from pathlib import Path

import pytest

from crawler.extraction.explain import Explanation, Fate, Line, Part, explain
from crawler.items import Kind, Page
from crawler.why.answer import Answer, Fact
from crawler.why.page import KINDS, html_page
from tests.browser import PHONE, Open
from tests.conftest import PUBLISHED, article_html
from tests.hostile.pages import CASES as PAGES
from tests.hostile.strings import CASES as STRINGS

APPEAL = "If you value our work, support us on Patreon: every donation keeps our newsroom independent."
SENTENCE = "Support us on Patreon so that our journalists can keep on reporting from the harbour."
FERRY = f"The ferry sails twice an hour until the autumn comes. {SENTENCE} Nobody knows what comes then."
MORE = f"<p>{APPEAL}</p><p>{FERRY}</p>"
BODY = article_html(head=PUBLISHED, more=MORE)


def written(folder: Path, body: bytes, *, known: tuple[Fact, ...] = (), url: str = "https://harbour.example/a") -> Path:
    """The page about a page."""
    return saved(folder, Answer(name=url, known=known, explanation=told(body, url)))


def told(body: bytes = BODY, url: str = "https://harbour.example/a") -> Explanation:
    return explain(Page(url=url, body=body, fetched_at=dt.date(2025, 5, 1), teaches=False))


def saved(folder: Path, answer: Answer) -> Path:
    path = folder / "why.html"
    path.write_text(html_page(answer), "utf-8")
    return path


def test_what_is_cut_is_struck_and_tells_why(open_page: Open, tmp_path: Path) -> None:
    page = open_page(written(tmp_path, BODY)).page
    cut = page.locator(".cut.k-donation-appeal")
    assert cut.locator("del").inner_text() == APPEAL
    assert cut.locator("b").inner_text() == "donation appeal"
    assert cut.locator("bdi").inner_text().startswith("en ")
    style = "e => getComputedStyle(e).textDecorationLine"
    assert cut.locator("del").evaluate(style) == "line-through"
    kept = page.locator("p.kept", has_text="The old bridge over the river")
    assert (kept.is_visible(), kept.evaluate(style)) == (True, "none")
    inside = page.locator("p.kept del")
    assert (inside.inner_text(), inside.evaluate(style)) == (SENTENCE, "line-through")


def test_texts_elsewhere_are_folded_and_open_with_the_keyboard(open_page: Open, tmp_path: Path) -> None:
    page = open_page(written(tmp_path, BODY)).page
    text = page.locator(".elsewhere del", has_text="Home")
    assert not text.is_visible()
    page.locator(".elsewhere summary").focus()
    page.keyboard.press("Enter")
    assert text.is_visible()
    assert "block model" in page.locator(".elsewhere .why").inner_text()


def test_fields_tell_where_they_were_read_and_what_was_passed_over(open_page: Open, tmp_path: Path) -> None:
    head = f'{PUBLISHED}<meta name="author" content="Ann Lee"><meta name="byl" content="Bob Ode">'
    page = open_page(written(tmp_path, article_html(head=head))).page
    authors = page.locator(".field", has=page.locator(".name", has_text="authors"))
    assert authors.locator(".value").inner_text() == "Ann Lee"
    assert authors.locator("> .source").inner_text() == "meta author"
    authors.locator("summary").click()
    assert authors.locator("li").inner_text().split("\n") == [
        "Bob Ode",
        "comes after “meta author”, which was taken",
        "meta byl",
    ]


def test_the_legend_counts_and_hides(open_page: Open, tmp_path: Path) -> None:
    page = open_page(written(tmp_path, BODY)).page
    cut, inside, kept = page.locator(".cut.k-donation-appeal"), page.locator("p.kept del"), page.locator("p.kept").first
    choice = page.get_by_label("donation appeal 2")
    choice.uncheck()
    assert (cut.is_visible(), inside.is_visible(), kept.is_visible()) == (False, False, True)
    choice.check()
    assert (cut.is_visible(), inside.is_visible()) == (True, True)
    page.locator("#show-kept").uncheck()
    assert (cut.is_visible(), kept.is_visible()) == (True, False)
    page.locator("#show-kept").check()
    page.get_by_label("the article alone").check()
    assert (cut.is_visible(), page.locator(".elsewhere").first.is_visible(), kept.is_visible()) == (False, False, True)


def test_all_that_acts_is_reached_with_the_keyboard(open_page: Open, tmp_path: Path) -> None:
    page = open_page(written(tmp_path, BODY, known=(Fact(name="outcome", text="saved"),))).page
    acting = page.locator("a, summary, input").count()
    reached = set()
    for _ in range(acting):
        page.keyboard.press("Tab")
        reached.add(
            page.evaluate("[...document.querySelectorAll('a, summary, input')].indexOf(document.activeElement)")
        )
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    assert reached == set(range(acting))
    page.locator("#alone").focus()
    page.keyboard.press("Space")
    assert page.locator("#alone").is_checked()


def test_links_lead_within_the_page_alone(open_page: Open, tmp_path: Path) -> None:
    page = open_page(written(tmp_path, BODY, known=(Fact(name="outcome", text="saved"),))).page
    links = page.locator("a").evaluate_all("links => links.map(a => a.getAttribute('href'))")
    assert links == ["#state", "#fields", "#text"]
    assert all(page.locator(link).count() == 1 for link in links)
    assert page.locator("script, img, iframe, form, link, object").count() == 0


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_colour_can_be_read(open_page: Open, tmp_path: Path, dark: bool) -> None:
    parts = tuple(Part(text=f"A text of {kind}", kind=kind, reason="a rule") for kind in KINDS)
    lines = (*(Line(fate=Fate.CUT, parts=(part,)) for part in parts), Line(fate=Fate.KEPT, parts=parts[:1]))
    known = told()
    answer = Answer(name="a", explanation=replace(known, lines=known.lines + lines))
    page = open_page(saved(tmp_path, answer), dark=dark).page
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper == ("rgb(20, 23, 27)" if dark else "rgb(252, 251, 248)")
    assert page.evaluate(CONTRASTS) == []


def test_a_phone_shows_it_without_scrolling_sideways(open_page: Open, tmp_path: Path) -> None:
    body = BODY.replace(b"A storm", b"A" * 500).replace(b"<h1>", b"<h1>" + b"W" * 200)
    opened = open_page(written(tmp_path, body, url=f"https://harbour.example/{'a' * 900}"), size=PHONE)
    assert not opened.is_wider_than_the_screen()
    opened.page.locator("summary").evaluate_all("all => all.forEach(summary => summary.parentElement.open = true)")
    assert not opened.is_wider_than_the_screen()
    assert opened.page.locator(".legend").bounding_box()["y"] < opened.page.locator(".lines").bounding_box()["y"]


MOST_BYTES = 60_000
HOSTILE = [
    "<script>document.title = 'run'</script><img src=x onerror=\"document.title='run'\">",
    "</title></style><script>document.title = 'run'</script><style>body { display: none }",
    "\"><a href='javascript:alert(1)' onmouseover='alert(1)'>title</a><base href='https://evil.example/'>",
    "&lt;b&gt; <!-- --> ]]> <svg onload=alert(1)> <meta http-equiv=refresh content='0;url=https://evil.example/'>",
    "Ferry \u202egnp.exe \u2066its crew\x00\x1b[31m \ud800 \U0001f6a2",
]


@pytest.mark.parametrize("title", HOSTILE, ids=["script", "end of title", "attribute", "mark-up", "direction"])
def test_a_hostile_title_is_text(open_page: Open, tmp_path: Path, title: str) -> None:
    known = told()
    assert known.extract is not None
    fields = tuple(replace(field, value=title, source=title, notes=(title,), also=title) for field in known.fields)
    lines = (
        Line(fate=Fate.KEPT, parts=(Part(text=title),), reason=title),
        Line(fate=Fate.CUT, parts=(Part(text=title, kind=Kind.OTHER, reason=title),)),
        Line(fate=Fate.ELSEWHERE, parts=(Part(text=title),), reason=title),
    )
    extract = replace(known.extract, title=title, warnings=(title,))
    explanation = replace(known, extract=extract, fields=fields, lines=lines)
    facts = (Fact(name=title, text=title),)
    page = open_page(saved(tmp_path, Answer(name=title, known=facts, read=facts, explanation=explanation))).page
    shown = re.sub("[\x00-\x1f\ud800]", "\ufffd", title)
    assert page.locator("h1").evaluate("h1 => h1.textContent") == shown
    assert page.locator("p.kept").evaluate("p => p.firstChild.textContent").strip() == shown
    assert page.title().startswith("Why: ")
    assert page.title() != "run"
    assert page.locator("script, img, base, svg:not(.map), [onload], [onerror], [onmouseover], [style]").count() == 0


def _hostile_bodies() -> list[tuple[str, bytes]]:
    bodies = []
    for case in (*STRINGS, *PAGES):
        for path in case.holds:
            body = case.pages[path].body
            body = body() if callable(body) else body
            body = body if isinstance(body, bytes) else body.encode("utf-8", "surrogatepass")
            if len(body) < MOST_BYTES:  # the large ones are hard to read, and no harder to show
                bodies.append((path, body))
    return bodies


def test_pages_of_the_hostile_web_are_shown_as_text(open_page: Open, tmp_path: Path) -> None:
    opened = open_page(written(tmp_path, BODY))
    page = opened.page
    for path, body in _hostile_bodies():
        opened.turn_to(written(tmp_path, body, url=f"http://127.0.0.1{path}"))
        assert page.locator("p.kept").count() > 0, path
        assert page.locator("script, img, [style]").count() == 0, path


def test_ten_thousand_texts_are_shown_and_hidden(open_page: Open, tmp_path: Path) -> None:
    lines = []
    for number in range(10_000):
        kind = KINDS[number % len(KINDS)] if number % 3 else None
        part = Part(text=f"Text {number} of a very long page.", kind=kind, reason=f"rule {number}" if kind else "")
        lines.append(Line(fate=Fate.CUT if kind else Fate.KEPT, parts=(part,)))
    path = saved(tmp_path, Answer(name="a", explanation=replace(told(), lines=tuple(lines))))
    assert path.stat().st_size < 3_000_000
    page = open_page(path).page
    assert page.locator(".cut").count() + page.locator("p.kept").count() == 10_000
    assert page.locator(".map rect").count() <= 400
    last = page.get_by_text("Text 9998 of a very long page.")
    assert last.is_visible()
    page.get_by_label("the article alone").check()
    assert (last.is_visible(), page.get_by_text("Text 9999 of").is_visible()) == (False, True)


def test_a_page_that_could_not_be_read_is_a_short_page(open_page: Open, tmp_path: Path) -> None:
    page = open_page(written(tmp_path, b" ", known=(Fact(name="outcome", text="HTTP status 404"),))).page
    assert page.locator(".verdict").inner_text() == "Refused: empty page: 0 bytes of text"
    assert page.locator("dd").inner_text() == "HTTP status 404"
    assert page.locator(".legend").count() == 0


# each text element whose colour stands too little out against what is behind it (WCAG 2.2, 1.4.3)
CONTRASTS = """() => {
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  const rgb = (over, colour) => {
    canvas.fillStyle = `rgb(${over.join(' ')})`; canvas.fillRect(0, 0, 1, 1);
    canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const light = c => c.map(v => v / 255).map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const behind = e => {
    const chain = []; for (let at = e; at; at = at.parentElement) chain.unshift(getComputedStyle(at).backgroundColor);
    return chain.reduce(rgb, [255, 255, 255]);
  };
  const low = [];
  for (const e of document.querySelectorAll('body *:not(svg *)')) {
    if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
    const back = behind(e), front = rgb(back, getComputedStyle(e).color);
    const [a, b] = [light(front), light(back)].sort((x, y) => y - x);
    if ((a + .05) / (b + .05) < 4.5) low.push(`${e.tagName}.${e.className}: ${((a + .05) / (b + .05)).toFixed(2)}`);
  }
  return low;
}"""
