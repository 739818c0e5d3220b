"""What is a name, an agency, the outlet itself, a job or a user name; and names written as they otherwise are."""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files

from crawler.extraction.text import text_key

WORDS: dict[str, list[str]] = tomllib.loads(files(__package__).joinpath("byline.toml").read_text(encoding="utf-8"))
AGENCIES = frozenset(text_key(name) for name in WORDS["agencies"])
MONTHS = frozenset(WORDS["months"])
MAX_NAME = 70
WHOLE_IN_A_WORD = "\u2e80"  # from here on are the scripts that write a whole name as one word

_HOUSE = frozenset(WORDS["house"])
_PARTICLES = frozenset(WORDS["particles"])
_QUALIFIERS = frozenset(WORDS["role_qualifiers"])
_ROLE_ENDINGS = tuple(WORDS["role_endings"])
# a letter of a script without vowel letters of its own, or with other ones, counts as a vowel too
_VOWEL = re.compile("[AEIOUYÄÖÜÅÆØÉÈÊÁÀÂÍÓÔÚÜİIАЕЁИОУЫЭЮЯІЇЄ]|[^\u0000-\u04ff]")
_WORD_START = re.compile(r"(?:^|(?<=[-'’.]))[^\W\d_]")


def is_particle(word: str) -> bool:
    """Whether this is a small word inside a name: "van", "de la", "bin"."""
    return word.casefold() in _PARTICLES


def is_agency(name: str) -> bool:
    """Whether this is a news agency.

    >>> is_agency("The Associated Press"), is_agency("Ann Lee")
    (True, False)
    """
    return text_key(re.sub("^[Tt]he ", "", name)) in AGENCIES


def is_house(name: str, outlet: frozenset[str]) -> bool:
    """Whether this is the outlet itself or an office of it, given the keys of the outlet's names.

    >>> is_house("Example Times Staff", frozenset({"exampletimes"})), is_house("Ann Lee", frozenset({"exampletimes"}))
    (True, False)
    """
    whole = text_key(name)
    words = re.findall(r"[^\W_]+", name.casefold())
    rest = "".join(word for word in words if word not in _HOUSE)
    if not rest or {whole, rest, f"the{whole}", whole.removeprefix("the")} & outlet:
        return True
    return name.split()[0].isupper() and len(words) > 1 and len(words[0]) > 2 and words[0] in outlet


def is_role_word(word: str) -> bool:
    """Whether this word is a job, or ends so.

    >>> is_role_word("Wirtschaftsredakteurin"), is_role_word("Writer"), is_role_word("Miller")
    (True, True, False)
    """
    return word.casefold().endswith(_ROLE_ENDINGS)


def is_role(text: str) -> bool:
    """Whether these words are a job and no name.

    >>> is_role("Senior Political Correspondent"), is_role("Ann Writer")
    (True, False)
    """
    words = re.findall(r"[^\W\d_]+", text.casefold())
    return any(map(is_role_word, words)) and all(is_role_word(w) or w in _QUALIFIERS or is_particle(w) for w in words)


def is_handle(name: str) -> bool:
    """Whether this is a user name or an address rather than a name.

    >>> [is_handle(n) for n in ("ann-lee", "@annlee", "ann.lee", "Anne-Lee", "Ann Lee")]
    [True, True, True, False, False]
    """
    if " " in name.strip():
        return False
    return any(mark in name for mark in ("@", "_", "://")) or (name.islower() and any(mark in name for mark in ".-"))


def looks_like_name(text: str) -> bool:
    """Two to six words, each with a capital or from a script without capitals, small particles between them.

    >>> [looks_like_name(t) for t in ("Jan van der Berg", "Ann", "a good day", "Мария Триль")]
    [True, False, False, True]
    """
    words = text.split()
    if not 2 <= len(words) <= 6 or len(text) > MAX_NAME or any(c.isdigit() for c in text) or words[-1].islower():
        return False
    proper = [word for word in words if not is_particle(word)]
    return bool(proper) and all(_is_capital(w) and not _is_abbreviation(w) for w in proper) and not is_role(text)


def _is_capital(word: str) -> bool:
    first = next((c for c in word if c.isalpha()), "")
    return bool(first) and (first == first.upper() or "'" in word[:3] or "’" in word[:3])


def _is_abbreviation(word: str) -> bool:
    return len(word) >= 3 and word.isalpha() and word.isupper() and not _VOWEL.search(word)


def without_role(name: str) -> str:
    """Without the job words, titles after the name, months and small words around it; "" when nothing else is there.

    >>> without_role("Ann Lee CFP Senior Staff Writer"), without_role("Reporter Bo Ek"), without_role("Korrespondent")
    ('Ann Lee', 'Bo Ek', '')
    """
    if is_role(name):
        return ""
    words = name.split()
    while len(words) > 2 and (words[-1].casefold().rstrip(".") in MONTHS or words[-1].islower()):
        words = words[:-1]
    if len(words) == 2 and words[1] > "\u2fff" and is_role_word(words[1]):
        return words[0]  # scripts that write a whole name as one word
    end = len(words)
    while end > 2 and (is_role_word(words[end - 1]) or words[end - 1].casefold() in _QUALIFIERS):
        end -= 1
    words = words[:end] if any(map(is_role_word, words[end:])) else words
    while len(words) > 2 and _is_abbreviation(words[-1]) and looks_like_name(" ".join(words[:-1])):
        words = words[:-1]
    return " ".join(words[1:] if len(words) > 2 and is_role(words[0]) else words)


def tidy_case(name: str) -> str:
    """A name shouted in capitals as it is otherwise written; initials and single words are left.

    >>> tidy_case("JEAN-LUC VAN DER MEER"), tidy_case("J. R. SMITH"), tidy_case("SID")
    ('Jean-Luc van der Meer', 'J. R. Smith', 'SID')
    """
    words = name.split()
    if len(words) < 2 or not name.isupper() or is_agency(name) or any(map(_is_abbreviation, words)):
        return name
    return " ".join(_tidy_word(word, first=not index) for index, word in enumerate(words))


def _tidy_word(word: str, *, first: bool) -> str:
    turkish = any(letter in word for letter in "İŞĞ")
    lowered = word.replace("İ", "i").replace("I", "ı" if turkish else "I").lower()
    if is_particle(lowered) and not first:
        return lowered
    if len(word.rstrip(".")) <= 2 and not _VOWEL.search(word):
        return word
    return _WORD_START.sub(lambda m: "İ" if word[m.start()] == "İ" else m[0].upper(), lowered)
