"""Bytes of a page to one parsed tree: the charset found, NUL and broken bytes survived, deep nesting kept."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from functools import cache

from charset_normalizer import from_bytes
from lxml import etree
from lxml.html import HtmlElement
from w3lib.encoding import html_body_declared_encoding, read_bom, resolve_encoding

from crawler.extraction.tags import INLINE

MOSTLY_WHOLE = 4  # whole characters of UTF-8 to a broken byte, from which on no label is believed against them
SAMPLE_BYTES = 40_000  # what the charset guess looks at; more changes nothing but the time

_MARK = re.compile(r"\(?(?:\d{1,3}|[a-z*†‡§]{1,2})[).]?")
_PLACE = re.compile(r"[^#]{0,300}#[^\s#]{1,60}$")
_PROBE = rb'<p class="a">\u0041\x41'
# NUL ends text for libxml2, and browsers leave it out (HTML Living Standard, 13.2.6.4.7); the other controls have no
# meaning in HTML (Infra standard, "control" minus white space); lxml takes neither them nor a form feed, which is white
# space, nor the last two code points for a text that is set
_CONTROLS = bytes((*range(0x01, 0x09), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F))
_WITHOUT_CONTROLS = bytes.maketrans(_CONTROLS, b" " * len(_CONTROLS))
_NO_CHARACTERS = ("\ufffe".encode(), "\uffff".encode())
_REFERRED_CONTROL = re.compile(  # a reference to one of all these
    rb"&#(?:0{0,9}(?:[1-8]|1[124-9]|2\d|3[01]|127|6553[45])(?!\d)"
    rb"|[xX]0{0,9}(?:[1-8bBcCeEfF]|1[\da-fA-F]|7[fF]|[fF]{3}[eEfF])(?![\da-fA-F]));?"
)
DEEPEST = 500  # elements inside each other that stay so, as in browsers; libxml2 leaves off reading at 2048
_TAG = re.compile(r"<(/?)([a-zA-Z][\w:-]*)(>?)")
_VOID = frozenset("area base br col embed hr img input link meta param source track wbr p".split())  # p ends a p
_NEVER_AROUND = "input"  # an element without text that ends no block
_RAW = frozenset(("script", "style", "title", "textarea"))  # what looks like a tag inside is none


def html_parser() -> etree.HTMLParser:
    """A parser that looks element classes up in C and keeps what is nested deeper than 256."""
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    parser.set_element_class_lookup(etree.ElementDefaultClassLookup(element=HtmlElement))
    return parser


def parse_html(body: bytes, encoding: str | None = None) -> HtmlElement | None:
    """The page's tree, or None where there is no element at all. ``encoding`` is what the transport declared.

    Raises MemoryError where there is not enough for the tree.
    """
    page = decode_html(body, encoding).encode("utf-8", "replace").translate(_WITHOUT_CONTROLS, b"\0")
    for no_character in _NO_CHARACTERS:
        page = page.replace(no_character, b" ")
    page = _REFERRED_CONTROL.sub(b" ", page)
    if not page.strip():
        return None
    parser = html_parser()
    tree = _parsed(page, parser)
    if _left_off(parser):
        tree = _parsed(flattened(page.decode("utf-8")).encode("utf-8"), html_parser())
    if tree is not None:
        _drop_annotations(tree)
    return tree


def _parsed(page: bytes, parser: etree.HTMLParser) -> HtmlElement | None:
    try:
        tree = etree.fromstring(page, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError) as error:
        if parser.error_log.filter_types(etree.ErrorTypes.ERR_NO_MEMORY):
            raise MemoryError from error
        return None
    return tree if isinstance(tree, HtmlElement) else None


def _left_off(parser: etree.HTMLParser) -> bool:
    """Whether the parser stopped before the end, at elements nested deeper than it goes."""
    last = parser.error_log.last_error
    return last is not None and last.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT


def flattened(text: str) -> str:
    """A page without what is nested too deep: down there paragraphs stand beside each other, in no other element.

    >>> flattened("<b>" * 500 + "<div>one</div><i>two</i>")[1500:]
    '<p>one</p>two'
    """
    nested: list[str] = []
    is_open: Counter[str] = Counter()
    raw, after = "", 0  # where a paragraph has just been begun

    def flat(tag: re.Match[str]) -> str:
        nonlocal raw, after
        slash, name = tag[1], tag[2].lower()
        if raw or name in _RAW:
            raw = "" if slash and name == raw else raw or ("" if slash else name)
            return tag[0]
        if name in _VOID or (slash and not is_open[name]):
            return tag[0]
        is_deep = len(nested) > DEEPEST if slash else len(nested) >= DEEPEST
        if slash:  # ends what was left open inside it, too
            while nested:
                is_open[last := nested.pop()] -= 1
                if last == name:
                    break
        else:
            nested.append(name)
            is_open[name] += 1
        if not is_deep:
            return tag[0]
        is_bare = bool(tag[3])
        if name in INLINE:
            return "" if is_bare else f"<{slash}{_NEVER_AROUND}"
        is_begun, after = tag.start() == after, tag.end()
        return "" if is_bare and is_begun else f"<{slash}p{tag[3]}"

    return _TAG.sub(flat, text)


def _drop_annotations(tree: HtmlElement) -> None:
    """Take out what stands over the line and is not read with it: the reading of ruby text, the marks of footnotes."""
    for element in [e for e in tree.iter("rt", "rp", "sup") if e.tag != "sup" or _is_note_mark(e)]:
        element.drop_tree()


def _is_note_mark(sup: HtmlElement) -> bool:
    """Whether a raised figure or letter leads to a footnote; one in brackets parts itself from its word, and stays."""
    inner = sup[0] if len(sup) == 1 else None
    mark = (sup.text or "") + ((inner.text or "") if inner is not None else "")
    around = (sup.getparent(), inner)
    is_linked = any(e is not None and _PLACE.match(e.get("href") or "") for e in around)
    return is_linked and _MARK.fullmatch(mark.strip()) is not None


def decode_html(body: bytes, encoding: str | None = None) -> str:
    """Text of a page: byte order mark first; then the declared charsets, held against UTF-8; then a guess.

    Valid UTF-8 with multi-byte sequences is believed over a label that says otherwise: by chance it does not occur.

    >>> decode_html("Київ".encode(), "windows-1251")
    'Київ'
    >>> decode_html("<meta charset=windows-1251>Київ".encode("cp1251"))[-4:]
    'Київ'
    """
    marked, bom = read_bom(body)
    if marked and bom:
        return body[len(bom) :].decode(marked, "replace")
    if wide := _utf16_without_mark(body):
        return body.decode(wide, "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        pass
    declared = [resolve_encoding(name) for name in (encoding, html_body_declared_encoding(body)) if name]
    return _decode_declared(body, [name for name in declared if name and _reads_markup(name)]) or _decode_guessed(body)


@cache
def _reads_markup(codec: str) -> bool:
    """Whether a codec reads the ASCII of mark-up as that: not EBCDIC, UTF-16, nor the codecs that are Python's own.

    >>> _reads_markup("cp1251"), _reads_markup("cp037"), _reads_markup("unicode_escape"), _reads_markup("idna")
    (True, False, False, False)
    """
    try:
        return _PROBE.decode(codec, "replace") == _PROBE.decode("ascii")
    except (LookupError, ValueError):  # a codec of no text, or one that knows no replacement
        return False


def _decode_declared(body: bytes, names: list[str]) -> str | None:
    """The text by the first declared charset that fits it; UTF-8 with some damage also fits. None where none does."""
    text = body.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    whole = sum(not char.isascii() for char in text) - broken  # characters that no other charset makes by chance
    if whole > MOSTLY_WHOLE * broken:
        return text
    others = [name for name in names if codecs.lookup(name).name != "utf-8"]
    for name in others:
        try:
            return body.decode(name)
        except UnicodeDecodeError:
            continue
    if whole > broken:
        return text
    return body.decode(others[0], "replace") if others else None


def _decode_guessed(body: bytes) -> str:
    best = from_bytes(body[:SAMPLE_BYTES]).best()
    return body.decode(best.encoding if best else "cp1252", "replace")


def _utf16_without_mark(body: bytes) -> str | None:
    """UTF-16 told by its zero bytes, where mark-up of ASCII letters leaves every other byte empty."""
    sample = body[:2000]
    half = len(sample) // 2
    if half < 8 or sample.count(0) < half * 0.4:
        return None
    return "utf-16-le" if sample[1::2].count(0) > sample[0::2].count(0) else "utf-16-be"
