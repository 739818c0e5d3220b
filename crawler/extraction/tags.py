"""What HTML's tags are to a reader: run on in a line, part the text, or show none (HTML Living Standard)."""

from __future__ import annotations

# phrasing content that never ends a block; everything else does
INLINE = frozenset(
    """a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark nobr picture q ruby s samp
    small span strike strong sub sup time tt u var wbr""".split()
)
# holds text that is no text of the page
CODE = frozenset(("script", "style", "svg", "noscript", "template"))
UNSEEN = CODE | frozenset(
    """audio base button canvas embed head iframe input link map math meta noembed noframes object option
    progress select source textarea title track video""".split()
)
SWALLOWERS = frozenset(("button", "select", "label", "object", "video", "audio", "canvas"))
HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
CELLS = frozenset(("td", "th"))
BREAKS = frozenset(("br", "hr", "iframe", "embed"))
TEXT_HOLDERS = HEADINGS | {"p", "li", "blockquote", "dd", "td"}

# where a space is heard inside a headline or byline: blocks, and the small elements that stand side by side in it
SPACED = HEADINGS | frozenset(
    "div p li ul ol section header br td tr table article span address dt dd time small".split()
)
# no headline, standfirst or byline is one of these
NO_PLACES = (CODE - {"noscript", "template"}) | frozenset(
    ("meta", "link", "html", "body", "img", "input", "button", "path", "br")
)
# speak of something else than the article around them
ELSEWHERE = (CODE - {"svg"}) | frozenset(("aside", "nav", "footer", "figure", "figcaption", "form"))
# never hold the article's own date
DATELESS = CODE | frozenset(("nav", "form", "select", "button", "iframe", "figure", "blockquote"))
ARTICLE_HOLDERS = frozenset(("article", "main", "body"))
