"""Appeals that end in a button: what no rule knows of such a paragraph goes with what one does."""

from __future__ import annotations

from lxml.html import HtmlElement

from crawler.extraction.article import About, Body
from crawler.extraction.blocks import Block
from crawler.extraction.notices import block_notice, cut_notices
from crawler.extraction.structure import words_of_name
from crawler.extraction.text import clean_line
from crawler.items import Kind

ASKING = frozenset((Kind.DONATION, Kind.SUBSCRIPTION, Kind.NEWSLETTER))
LEAST_SURE = 0.2  # of such a paragraph's characters that a rule knows, the button's included
MOST_LINES = 2  # above it: what the campaign is called
_BUTTON_WORDS = frozenset(("button", "btn", "cta"))


def cut_appeals_with_a_button(body: Body, about: About) -> None:
    """Paragraphs that hold an appeal's sentence and end in a button that asks for the same, with the lines above them.

    Publishers write such a box anew for each campaign: its reasons are told in words that no rule can know.
    """
    gone = []
    for position, block in enumerate(body.kept):
        button = _last_button(block) if block.is_prose and block.link_chars else ""
        asked = block_notice(button, languages=about.languages) if button else None
        if asked is None or asked.kind not in ASKING:
            continue
        _, removed = cut_notices(block.text, languages=about.languages)
        known = [part.text for part in removed if part.kind in ASKING and part.text != button]
        if known and sum(map(len, (*known, button))) >= LEAST_SURE * len(block.text):
            reason = f"an appeal that ends in the button “{button}”"
            gone += [(one, asked.kind, reason) for one in (*_lines_above(body, position), block)]
    body.cut_each(gone)


def _last_button(block: Block) -> str:
    """What the link says that a block ends with, if it is made up as a button; empty where there is none."""
    links = [link for link in block.element.iter("a") if _is_button(link)]
    label = clean_line("".join(links[-1].itertext())) if links else ""
    return label if block.text.endswith(label) and label != block.text else ""


def _is_button(link: HtmlElement) -> bool:
    return link.get("role") == "button" or not _BUTTON_WORDS.isdisjoint(words_of_name(link.get("class") or "").split())


def _lines_above(body: Body, position: int) -> list[Block]:
    """The lines of a block's element, where there is nothing else in it but one or two of these."""
    around = body.kept[position].element.getparent()
    others = [block for block in body.kept if block.element.getparent() is around and block is not body.kept[position]]
    are_above = others == body.kept[position - len(others) : position] and len(others) <= MOST_LINES
    return others if are_above and not any(block.is_prose or block.ends_sentence for block in others) else []
