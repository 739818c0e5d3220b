"""The patterns of the rules: written for people, compiled so that no page can make them slow."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

MAX_WIDE = 6  # gaps such as .{0,60} in one pattern: each multiplies the ways a hostile text can be tried
WIDE = 12  # a quantifier that may repeat more often than this is a gap
_WORD = r"\\[wdS]|\[\\w[^\]\s]{0,6}\]"  # \w, \d, \S and classes such as [\w'-]: none holds a space
_ENDLESS_WORD = re.compile(rf"({_WORD})([*+])")
_END = re.compile(r"(?<!\\)\$(?=[)|]|$)")
_NAME = re.compile(r"\{([a-z][a-z_]*)\}")
_PART = re.compile(
    r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?[^:=!<)]*:|\(\?<?[=!]|[()|]|\{\d*,?\d*\}\??|[*+?]\??|.", re.DOTALL
)


def expand(pattern: str, words: Mapping[str, str]) -> str:
    r"""A pattern with its ``{name}`` word lists put in and its endless word parts bounded;
    ``$`` is the end of the text, whatever punctuation stands there.

    Raises KeyError for a name that the file's ``[words]`` does not have.

    >>> expand(r"{give} to our \\w+", {"give": "donate|give"}).replace("\\\\", "")
    '(?:donate|give) to our w{1,30}'
    """
    pattern = _NAME.sub(lambda found: f"(?:{words[found[1]]})", pattern)
    pattern = pattern.replace("ı", "i").replace("İ", "I")  # as the texts are read: Turkish capitals
    pattern = _END.sub(r"\\W{0,4}$", pattern)  # the end, whatever marks stand there
    return _ENDLESS_WORD.sub(lambda found: f"{found[1]}{{{int(found[2] == '+')},30}}", pattern)


@dataclass(slots=True)
class _Group:
    r"""What a scan has seen of a group: repeats of words and of anything else, and a mark that keeps repeats apart."""

    words: bool = False
    others: bool = False
    mark: bool = False

    def may_repeat(self) -> bool:
        """Whether repeating the group leaves one way only to read a text, as ``(?:\\w+ ){0,3}`` does."""
        return not self.others and (self.mark or not self.words)


def hazard(pattern: str) -> str | None:
    r"""What could make an expanded pattern slow on a hostile text, or None.

    >>> hazard(r"(?:a+)+"), hazard(r"a.*b"), hazard(r"(?:a{1,3}){2}")
    ('endless +', 'endless *', 'a repeat inside a repeat')
    >>> hazard(r"(?:read|see) (?:also|more)?(?: \w{1,30}){0,3}.{0,60}:") is None
    True
    """
    groups = [_Group()]
    closed: _Group | None = None
    before = ""
    gaps = 0
    for part in [*_PART.findall(pattern), ""]:
        most = _most_repeats(part)
        if most is None:
            return f"endless {part}"
        if most > 1:
            if closed and not closed.may_repeat():
                return "a repeat inside a repeat"
            is_word = bool(re.fullmatch(_WORD, before))
            groups[-1].words |= is_word
            groups[-1].others |= not is_word
            gaps += most > WIDE and not is_word
        elif not most and _is_mark(before):
            groups[-1].mark = True
        closed = None
        if part.startswith("("):
            groups.append(_Group())
        elif part == ")" and len(groups) > 1:
            closed = groups.pop()
            groups[-1].words |= closed.words
            groups[-1].others |= closed.others
        before = part
    return f"{gaps} wide gaps, {MAX_WIDE} at most" if gaps > MAX_WIDE * (1 + pattern.count("|")) else None


def _is_mark(part: str) -> bool:
    """A literal that no word holds."""
    return part in (" ", ",", "@", "/", ":", "|")


def _most_repeats(part: str) -> int | None:
    """How often a quantifier may repeat (0 for any other part, None for without end)."""
    if part[:1] in ("*", "+"):
        return None
    if part[:1] == "?":
        return 1
    if re.fullmatch(r"\{\d*(,?)\d*\}\??", part) and part[1] != "}":
        least, comma, most = part.strip("{}?").partition(",")
        return int(most) if most else None if comma else int(least)
    return 0


def compiled(patterns: list[str]) -> re.Pattern[str]:
    """One pattern that finds any of these as whole words, in either case."""
    return re.compile(rf"(?<!\w)(?:{'|'.join(patterns)})(?!(?<=\w)\w)", re.IGNORECASE)
