"""How the notice rules read a text: quotations masked, spaces evened, cut into sentences that join to the same text."""

from __future__ import annotations

import re
from dataclasses import dataclass

MASK = "\ufffc"  # stands for each character of a quotation: neither a letter nor a space

MOST_OF_LABEL = 6  # words of a label with a dash before it

# Each alternative ends at its closing mark or, where none comes, at the end of the text: so the scan stays linear.
_QUOTE = re.compile(
    r"„[^“”\"]*(?:[“”\"]|$)|“[^”]*(?:”|$)|«[^»]*(?:»|$)|»[^«»]+«|\"[^\"]*(?:\"|$)|「[^」]*(?:」|$)|『[^』]*(?:』|$)"
    r"|(?<!\S)”[^”]*(?:”|$)|(?<!\S)»[^»]*»"  # in Swedish and Finnish a quotation begins as it ends
    r"|(?<!\w)‘(?:[^’]|’(?=\w))*(?:’|$)|(?<!\w)'[^'\n]{2,300}'(?!\w)"
)
_END = re.compile(r"[.!?…]{1,6}[\"'”»)\]’“*]{0,3}\s+|[。！？]{1,3}[」』）]{0,2}\s*|\n\s*")
_SPEECH = re.compile(r"[—–]\s?\w")
_SAID = re.compile(r"[—–-]\s?(\w)")  # who speaks, in the midst of speech that a dash begins
_ABBREVIATION = re.compile(
    r"(?:\b\w|\b(?:Mr|Mrs|Ms|Dr|Prof|St|Jr|Sr|Gen|Col|Lt|Sgt|Capt|Sen|Rep|Gov|Rev|Hon|No|Inc|Ltd|Co|Corp|vs|etc|approx|al"
    r"|bzw|ca|Nr|usw|inkl|zzgl|evtl|ggf|vgl|Hr|Fr|Mio|Mrd|Str|Abs|Art|Dipl|Ing"
    r"|Sra|Srta|Dra|Av|pág|núm|Ud|Uds|Mme|Mlle|Me|art|fig|dott|ing|avv|sig|on|mons|nr|ul|im|ks|prof|dr|tzw|tys|mln|mld|godz|str"
    r"|ред|ст|см|рис|руб|грн|тыс|тис|млн|млрд|гр|обл|просп|вул|ул))\.\s+$"
)
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff\u202a-\u202e\ufe0f]")
_EVENED = (("\u200c", ""), ("’", "'"), ("ʼ", "'"), ("‑", "-"), ("‐", "-"), ("ı", "i"), ("İ", "I"))
_KEPT = "_©@#$€£'\"“”„«‘" + MASK


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A text as the rules see it."""

    plain: str  # quotations masked, one space between words, straight apostrophes
    opened: str  # without the decoration before it
    bare: str  # without the decoration before and after it
    folded: str  # for the search of cues
    words: int


def masked(text: str) -> str:
    """The text with every character between quotation marks masked, but for a last full stop; the length stays.

    >>> masked("He said: “Pay us.” Then left.").replace(MASK, "x")
    'He said: “xxxxxx.” Then left.'
    >>> masked("”Stöd oss gärna”, säger hon.").replace(MASK, "x")
    '”xxxxxxxxxxxxxx”, säger hon.'
    """
    return _QUOTE.sub(_mask, text)


def _mask(found: re.Match[str]) -> str:
    quoted = found[0]
    closed = len(quoted) > 1 and quoted[-1] in "“”\"»«」』’'"
    end = quoted[-2:] if closed and len(quoted) > 2 and quoted[-2] in ".!?…" else quoted[-1:] if closed else ""
    return quoted[0] + MASK * (len(quoted) - 1 - len(end)) + end


def reading(masked_text: str) -> Reading:
    """A masked text made even for the rules."""
    visible = masked_text if masked_text.isascii() else _INVISIBLE.sub("", masked_text)
    plain = _evened(" ".join(visible.split()))
    start, end = 0, len(plain)
    while start < end and _is_decoration(plain[start]):
        start += 1
    while start < end and _is_decoration(plain[end - 1]):
        end -= 1
    words = plain.count(" ") + 1 if plain else 0
    return Reading(plain=plain, opened=plain[start:], bare=plain[start:end], folded=plain.lower(), words=words)


def _is_decoration(character: str) -> bool:
    """Bullets, arrows and emoji round a label; not quotation marks, for what is quoted is no label."""
    return not (character.isalnum() or character in _KEPT)


def is_speech(text: str) -> bool:
    """Whether a paragraph is what somebody says, as a dash at its beginning tells; a shorter text may be a label.

    >>> is_speech("– Vi lever av gaver. Uten støtte kan vi ikke holde åpent."), is_speech("– Gi en gave –")
    (True, False)
    """
    return text.count(" ") > MOST_OF_LABEL and _SPEECH.match(text) is not None


def folded(text: str) -> str:
    """Lower case for the search of cues, alike for all alphabets.

    >>> folded("İLGİLİ Haberler: don’t")
    "ilgili haberler: don't"
    """
    return _evened(text).lower()


def _evened(text: str) -> str:
    if not text.isascii():
        for written, read in _EVENED:
            text = text.replace(written, read)
    return text


def sentence_spans(masked_text: str) -> list[tuple[int, int]]:
    """Where each sentence begins and ends, the space after it included: together the whole text, in order.

    Abbreviations and initials do not end a sentence, nor does a mark before a small letter, or before a dash and one.

    >>> text = "Dr. A. Berg came. It rained… and “No! Never.” Ok?"
    >>> [text[start:end] for start, end in sentence_spans(masked(text))]
    ['Dr. A. Berg came. ', 'It rained… and “No! Never.” ', 'Ok?']
    >>> sentence_spans("—Is it you? —asked the voice.")
    [(0, 29)]
    """
    spans: list[tuple[int, int]] = []
    start = 0
    for found in _END.finditer(masked_text):
        end = found.end()
        if end < len(masked_text) and (_is_new_line(found[0]) or _is_sentence_end(masked_text, start, end)):
            spans.append((start, end))
            start = end
    return [*spans, (start, len(masked_text))]


def _is_new_line(mark: str) -> bool:
    return "\n" in mark


def _is_sentence_end(text: str, start: int, end: int) -> bool:
    if text[end].islower() or ((spoken := _SAID.match(text, end)) and spoken[1].islower()):
        return False
    return not _ABBREVIATION.search(text[max(start, end - 16) : end])
