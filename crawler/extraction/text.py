"""One line of text as a person would copy it from the page."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from html import unescape

# a C1 control is a byte of windows-1252 wherever it is met (as in the HTML Living Standard's numeric references)
_WINDOWS = {byte: bytes((byte,)).decode("cp1252", "ignore") or chr(byte) for byte in range(0x80, 0xA0)}
_LIGATURES = {0xFB00 + i: letters for i, letters in enumerate(("ff", "fi", "fl", "ffi", "ffl", "st", "st"))}
_RARE = re.compile("[\x80-\x9f\ufb00-\ufb06]|â€")
_MENDED = _WINDOWS | _LIGATURES
# UTF-8 that was read as Latin-1 or windows-1252; looked for only where a control or “â€” tells it from text
_NEXT = f"[\x80-\xbf{re.escape(''.join(_WINDOWS.values()))}]"
_TWICE_ENCODED = re.compile(f"[\xc2-\xdf]{_NEXT}|[\xe0-\xef]{_NEXT}{{2}}|[\xf0-\xf4]{_NEXT}{{3}}")
_BYTES = {ord(character): byte for byte, character in _WINDOWS.items()}
# references that stand in the text because they were escaped twice: of ASCII only quotation marks and the ampersand,
# for the others may be the subject of the text
_REFERENCE = re.compile(r"&(?:amp;)*(?:(amp|quot|apos|[a-zA-Z]{2,8}\d{0,2})|#(\d{2,6})|#[xX]([0-9a-fA-F]{2,5}));")
_KEPT_ASCII = frozenset("&\"'")
_SURROGATE = re.compile("[\ud800-\udfff]")
# nothing to see: controls that are no white space, soft hyphen, zero widths, bidi embeddings and overrides, annotation
# marks, byte order mark, non-characters, and the private use area, where icon fonts live
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u180e\u200b\u202a-\u202e\u2060-\u2065\u206a-\u206f"
    "\ue000-\uf8ff\ufdd0-\ufdef\ufeff\ufff9-\ufffb\ufffe\uffff]"
)
# direction marks and isolates (Unicode Standard Annex 9) set numbers and foreign names right in Arabic and Hebrew
DIRECTION_MARKS = re.compile("[\u061c\u200e\u200f\u2066-\u2069]")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
# U+200C and U+200D shape words in Arabic and Indic scripts and build emoji; after any other letter they are litter
_JOINERS = re.compile("([\u200c\u200d])[\u200c\u200d]*")
_SHAPED = (
    "\u0600-\u08ff\u0900-\u0dff\u0f00-\u109f\u1780-\u18af\ua8e0-\ua8ff"
    "\u2600-\u27bf\ufb50-\ufdcf\ufe0f\ufe70-\ufefc\U0001f000-\U0001faff"
)
_WORDS = re.compile(r"[^\W_]+")
_LOWER = bytes(range(256)).lower()
_NO_LETTERS = bytes(code for code in range(128) if not chr(code).isalnum())
TITLE_PART = 0.5  # of the title that a heading must say to be the headline
KEPT_CHARS = 1_000  # of a text whose key is kept: strangers write longer ones
MOST_ROUNDS = 4  # of taking out stray joiners; honest text needs two
_STRAY_JOINER = re.compile(f"(?<![{_SHAPED}])[\u200c\u200d]")


def clean_line(text: str) -> str:
    r"""NFC text on one line, white space collapsed, without characters that nobody sees; lone surrogates become U+FFFD.

    Marks of direction stay in a line with letters written from right to left, where none of them reaches beyond it.
    Applying it twice changes nothing more.

    >>> clean_line("  Cafe\u0301\u00a0cul\u00adture\n\u202eabc\u200b ")
    'Café culture abc'
    >>> clean_line("It\x92s &amp;ldquo;on&amp;rdquo; &ndash; a ﬁne naÃ¯ve donâ\x80\x99t canâ€™t")
    'It’s “on” – a fine naïve don’t can’t'
    """
    if "&" in text:
        text = _REFERENCE.sub(_referred, text)
    plain = " ".join(text.split())
    if plain.isascii() and plain.isprintable():
        return plain
    if _RARE.search(text):
        text = _TWICE_ENCODED.sub(_decoded, text).translate(_MENDED)
    if _SURROGATE.search(text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    text = _UNSEEN.sub("", text)
    if DIRECTION_MARKS.search(text) and not (_RIGHT_TO_LEFT.search(text) and _is_closed(text)):
        text = DIRECTION_MARKS.sub("", text)
    text = _JOINERS.sub(r"\1", text)
    text = unicodedata.normalize("NFC", text)
    for _ in range(MOST_ROUNDS):
        if (kept := _STRAY_JOINER.sub("", text)) == text:
            break
        text = unicodedata.normalize("NFC", kept)  # marks that a joiner held apart may change places
    else:
        text = unicodedata.normalize("NFC", _JOINERS.sub("", text))
    return " ".join(text.split())


def _is_closed(text: str) -> bool:
    """Whether each isolate ends in the text, and none that was not begun."""
    depth = 0
    for mark in DIRECTION_MARKS.findall(text):
        depth += (mark in "\u2066\u2067\u2068") - (mark == "\u2069")
        if depth < 0:
            return False
    return depth == 0


def _referred(found: re.Match[str]) -> str:
    """The character that a reference names; the reference where it names none, or one of ASCII that may be meant."""
    name, decimal, hexadecimal = found.groups()
    character = unescape(f"&{name};") if name else unescape(f"&#{decimal or int(hexadecimal, 16)};")
    is_one = len(character) == 1 and (not character.isascii() or character in _KEPT_ASCII)
    return character if is_one else found[0]


def _decoded(found: re.Match[str]) -> str:
    try:
        return found[0].translate(_BYTES).encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return found[0]


def says_title(key: str, title: str) -> bool:
    """Whether a heading says a page's title, more than half of it at least; both as their keys.

    >>> says_title("themayorresigns", "themayorresignsatdawn"), says_title("themayor", "themayorresignsatdawn")
    (True, False)
    """
    return len(key) > TITLE_PART * len(title) and (key in title or title in key)


def text_key(text: str) -> str:
    """What two spellings of a text, a name or a headline share: its letters and digits.

    >>> text_key("“Well,” she said") == text_key("WELL – she said…"), text_key("The Daily-News")
    (True, 'thedailynews')
    """
    return _kept_key(text) if len(text) <= KEPT_CHARS else _key(text)


def _key(text: str) -> str:
    if text.isascii():  # as bytes, in a tenth of the time
        return text.encode().translate(_LOWER, _NO_LETTERS).decode()
    return "".join(_WORDS.findall(unicodedata.normalize("NFKC", text).casefold()))


_kept_key = lru_cache(maxsize=1024)(_key)  # each step asks for those of a page's texts
