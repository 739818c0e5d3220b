"""What the site's memory knows to be the site's own, cut from an article: whole blocks, and sentences inside one."""

from __future__ import annotations

from collections.abc import Mapping

from crawler.extraction.article import About, Body
from crawler.extraction.blocks import Block
from crawler.extraction.model.layout import size_of
from crawler.extraction.texts import LABEL_SIZE, names_of, sentence_texts, whole_texts
from crawler.items import BlockKind, Kind, Removed


def cut_furniture(body: Body, about: About) -> None:
    """Blocks that repeat over the site's pages; with the label before a link goes the link.

    A heading stays where it stands over text of its own: articles are parted by the same words again and again.
    """
    if not about.asks_memory:
        return
    names = names_of(about.title, about.authors)
    gone = []
    for block in body.kept:
        texts = list(whole_texts(block, names))
        body.texts += texts
        if block.kind is BlockKind.QUOTE:  # an article about an appeal quotes it
            continue
        if seen := next((seen for text in texts if (seen := about.site.furniture.get(text.key))), None):
            gone.append((block, Kind.FURNITURE, str(seen)))
    cut = {block.index for block, _, _ in gone}
    texts_at = {block.index: block for block in body.kept if block.index not in cut}
    body.cut_each([found for found in gone if not _heads_text(found[0], texts_at)])


def _heads_text(block: Block, texts_at: Mapping[int, Block]) -> bool:
    """Whether a block is a short heading right before a text in the same element."""
    below = texts_at.get(block.index + 1)
    if below is None or block.kind is not BlockKind.HEADING or below.kind is BlockKind.HEADING:
        return False
    return size_of(block.text) < LABEL_SIZE and below.element.getparent() is block.element.getparent()


def cut_furniture_sentences(body: Body, about: About) -> None:
    """Sentences inside a paragraph that repeat over the site's pages."""
    if not about.asks_memory:
        return
    names = names_of(about.title, about.authors)
    whole = []  # paragraphs of which nothing is left
    for position, block in enumerate(body.kept):
        left, at, removed = [], 0, []
        for text, start, end in sentence_texts(block, names):
            body.texts.append(text)
            if seen := about.site.furniture.get(text.key):
                removed.append(Removed(kind=Kind.FURNITURE, text=text.text, reason=str(seen)))
                left.append(block.text[at:start])
                at = end
        rest = "".join([*left, block.text[at:]]).strip()
        if removed and rest:
            body.cut_parts(position, rest, removed)
        elif removed:
            whole.append((block, Kind.FURNITURE, removed[0].reason))
    body.cut_each(whole)
