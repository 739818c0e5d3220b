"""One line of text as a person would copy it from the page."""

from __future__ import annotations

import re
import unicodedata

_SURROGATE = re.compile("[\ud800-\udfff]")
# nothing to see: controls that are no white space, soft hyphen, zero widths, bidi marks and overrides, annotation
# marks, byte order mark, non-characters, and the private use area, where icon fonts live
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\ue000-\uf8ff\ufdd0-\ufdef\ufeff\ufff9-\ufffb\ufffe\uffff]"
)
# U+200C and U+200D shape words in Arabic and Indic scripts and build emoji; after any other letter they are litter
_JOINERS = re.compile("([\u200c\u200d])[\u200c\u200d]*")
_SHAPED = (
    "\u0600-\u08ff\u0900-\u0dff\u0f00-\u109f\u1780-\u18af\ua8e0-\ua8ff"
    "\u2600-\u27bf\ufb50-\ufdcf\ufe0f\ufe70-\ufefc\U0001f000-\U0001faff"
)
_WORDS = re.compile(r"[^\W_]+")
_STRAY_JOINER = re.compile(f"(?<![{_SHAPED}])[\u200c\u200d]")


def clean_line(text: str) -> str:
    r"""NFC text on one line, white space collapsed, without characters that nobody sees; lone surrogates become U+FFFD.

    Applying it twice changes nothing more.

    >>> clean_line("  Cafe\u0301\u00a0cul\u00adture\n\u202eabc\u200b ")
    'Café culture abc'
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    if _SURROGATE.search(text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    text = _JOINERS.sub(r"\1", _UNSEEN.sub("", text))
    text = unicodedata.normalize("NFC", text)
    while (kept := _STRAY_JOINER.sub("", text)) != text:  # marks that a joiner held apart may change places
        text = unicodedata.normalize("NFC", kept)
    return " ".join(text.split())


def text_key(text: str) -> str:
    """What two spellings of a text, a name or a headline share: its letters and digits.

    >>> text_key("“Well,” she said") == text_key("WELL – she said…"), text_key("The Daily-News")
    (True, 'thedailynews')
    """
    return "".join(_WORDS.findall(unicodedata.normalize("NFKC", text).casefold()))
