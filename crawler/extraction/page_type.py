"""Whether a page is an article at all: by what it declares, by its address, and by what little text it has."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urldefrag

from crawler.extraction.address_words import is_front, is_listing, is_numbered, path_parts, words
from crawler.extraction.declared import Declared, Node, types_of
from crawler.extraction.listing import UNSPACED
from crawler.extraction.seen import SMALL_CHARS, Seen
from crawler.extraction.stand_ins import LINE_SHARE, WHOLE_SHARE, is_static_title, stand_in
from crawler.items import Page, Reason, Refused

MIN_ARTICLE_CHARS = 100  # the shortest real news items (briefs) have more; scripts without spaces need less
MIN_UNSPACED_CHARS = 30
MIN_BARE_CHARS = 200  # likewise, of a page that names no author, shows no date and declares no article
MAX_HINTED_CHARS = 400  # likewise; with a word or two of an error page
MANY_HINTS = 2
STUB_CHARS = 250  # what is left before a paywall of an article that one cannot read
MEDIA_CHARS = 700  # a video or gallery page with this much text is an article with a video
LABEL_CHARS = 90  # the longest label of a picture or line of a notice; with none longer there is no prose
EXCERPT_CHARS = 400  # the longest teaser that themes make of an article's beginning
TEASED_SHARE = 0.7  # of the text under headings that lead to other pages, and it is a list of them
MANY_TEASERS = 3  # one or two may be an article's last lines under "related" headings
ALL_TEASED_SHARE = 0.9  # likewise, of a page that declares itself an article
ALL_TEASERS = 5
MANY_LINES = 12  # linked headlines of a page that has no text of its own, and is a list
LINES_SHARE = 0.4
MANY_CAPTIONS = 200  # characters
CONSENT_SHARE = 0.5
TABLES_SHARE = 0.6

LISTING_TYPES = frozenset(("CollectionPage", "ItemList", "SearchResultsPage", "ProfilePage"))
STATIC_TYPES = frozenset(("ContactPage", "AboutPage"))
SERVICE_TYPES = frozenset(("Product", "ProductGroup", "CheckoutPage", "Event", "JobPosting", "SoftwareApplication"))
POLL_TYPES = frozenset(("Quiz",))
VIDEO_TYPES = frozenset(("VideoObject", "MediaObject", "BroadcastEvent"))
GALLERY_TYPES = frozenset(("ImageGallery", "MediaGallery"))

_DECLARED_DATE = ("article:published_time", "datepublished", "og:article:published_time", "parsely-pub-date")


def refused_by_type(page: Page, declared: Declared, seen: Seen) -> Refused | None:
    """A page whose text is not an article's, and why."""
    checks = (
        _status(page, seen),
        _stand_in(declared, seen, "error", "block"),
        _static(page, declared, seen),
        _media(page, declared, seen),
        _listing(page, declared, seen),
        _stand_in(declared, seen, "consent", "script"),  # after the pages about the site: a policy speaks so too
        _poll(page, declared, seen),
        _labels(page, declared, seen),
        _service(page, declared, seen),
        _too_short(page, declared, seen),
    )
    return next((refused for refused in checks if refused), None)


def _status(page: Page, seen: Seen) -> Refused | None:
    if page.status and page.status >= 400 and seen.chars < SMALL_CHARS:
        return Refused(reason=Reason.ERROR, detail=f"HTTP status {page.status}")
    return None


def _stand_in(declared: Declared, seen: Seen, *names: str) -> Refused | None:
    """Error, block and consent pages: told by their headings and their text together, or by one where no article is."""
    if declared.article and seen.teasers.own >= STUB_CHARS:
        return None
    share = LINE_SHARE if _is_bare(declared, seen) else WHOLE_SHARE
    for name in names:
        kind = stand_in(name)
        line = kind.headed((seen.title, *seen.headings[:3]), share)
        if not line and seen.teasers.own >= SMALL_CHARS:
            continue
        said = kind.said(seen.text)
        if _is_enough(declared, seen, is_headed=bool(line), said=len(said), least=3 if name == "consent" else 1):
            return Refused(reason=kind.reason, detail=f"“{(line or said[0])[:80]}”")
    return None


def _is_enough(declared: Declared, seen: Seen, *, is_headed: bool, said: int, least: int) -> bool:
    """Whether what a page says of an error shows one, against what speaks for an article."""
    if is_headed and said:
        return seen.teasers.own < SMALL_CHARS or not (_says_article(declared) or seen.is_signed)
    if _says_article(declared) or seen.teasers.own >= SMALL_CHARS:
        return False
    if said >= least and (seen.teasers.own < STUB_CHARS or not seen.is_signed):
        return True
    return is_headed and (not seen.is_signed or seen.teasers.own < MIN_ARTICLE_CHARS)


def _says_article(declared: Declared) -> bool:
    """Whether the page declares itself an article, or the day on which one was published."""
    og_type = (declared.first("og:type") or "").lower()
    return bool(declared.article or og_type == "article" or declared.first(*_DECLARED_DATE))


def _is_bare(declared: Declared, seen: Seen) -> bool:
    """Whether nothing on the page speaks for an article but its text."""
    return not (_says_article(declared) or seen.is_signed)


def _own_types(page: Page, declared: Declared) -> set[str]:
    """The types of the nodes that are about this page: not those of the way to it, of parts or of other pages."""
    return {kind for node in declared.nodes if _is_own(page, node) for kind in types_of(node)}


def _is_own(page: Page, node: Node) -> bool:
    named = [value for key in ("url", "@id") if isinstance(value := node.get(key), str) and "//" in value]
    return not named or any(_address(value) == _address(page.url) for value in named)


def _address(url: str) -> str:
    return urldefrag(url).url.partition("?")[0].partition("//")[2].rstrip("/").lower()


def _listing(page: Page, declared: Declared, seen: Seen) -> Refused | None:
    """Front pages, sections, tags, searches: no article is declared, and what there is are teasers."""
    teasers = seen.teasers
    is_teased = teasers.share >= TEASED_SHARE
    if declared.article:
        return _declared_listing(page, declared, seen)
    listing = min(_own_types(page, declared) & LISTING_TYPES, default=None)
    if is_front(page.url) and seen.longest < STUB_CHARS:
        return Refused(reason=Reason.INDEX, detail="the site's front page")
    if listing and seen.longest < STUB_CHARS and (not seen.is_dated or teasers.share >= 0.5 or seen.chars < STUB_CHARS):
        return Refused(reason=Reason.INDEX, detail=f"declared as {listing}")
    if _says_article(declared) and not (is_teased and is_listing(page.url) and not seen.is_dated):
        return _declared_listing(page, declared, seen)
    # elsewhere than on a front page, more text than that is an article above teasers, and so is less that is signed
    is_above = teasers.own >= SMALL_CHARS or (seen.is_signed and teasers.lead >= MIN_ARTICLE_CHARS)
    if is_teased and teasers.headings >= MANY_TEASERS and (is_front(page.url) or not is_above):
        return Refused(reason=Reason.INDEX, detail=f"{teasers.headings} teasers of other pages")
    is_short = seen.longest < EXCERPT_CHARS and not seen.is_dated
    if is_listing(page.url) and (is_teased or is_short):
        return Refused(reason=Reason.INDEX, detail="a list of articles by its address")
    return None


def _declared_listing(page: Page, declared: Declared, seen: Seen) -> Refused | None:
    """A list that its system declares an article, as some declare every page: all of its text is in cards."""
    teasers = seen.teasers
    is_all = teasers.share >= ALL_TEASED_SHARE and teasers.cards >= ALL_TEASERS and teasers.own < STUB_CHARS
    if not is_all or declared.article.get("author") or any(map(is_numbered, path_parts(page.url))):
        return None
    return Refused(reason=Reason.INDEX, detail=f"declared an article, but only {teasers.cards} teasers of other pages")


def _static(page: Page, declared: Declared, seen: Seen) -> Refused | None:
    """Pages about the paper, its law or its readers: told by address or title, and by being without an article."""
    if declared.article:
        return None
    parts = path_parts(page.url)
    last = set(parts[-1:])
    # a policy deeper down that has a date may be a post; content systems give their pages of the first level one too
    may_be = len(parts) <= 1 or not seen.is_dated
    if found := last & words("site", "about") if may_be else None:
        return Refused(reason=Reason.STATIC, detail=f"“{min(found)}” in its address, and no article declared")
    if may_be and is_static_title(seen.title):
        return Refused(reason=Reason.STATIC, detail=f"“{seen.title}”, and no article declared")
    if found := _own_types(page, declared) & STATIC_TYPES:
        return Refused(reason=Reason.STATIC, detail=f"declared as {min(found)}")
    return None


def _poll(page: Page, declared: Declared, seen: Seen) -> Refused | None:
    """A vote or a quiz: a question and its answers, and hardly a text with them."""
    if seen.chars >= MEDIA_CHARS or seen.longest >= STUB_CHARS:
        return None
    is_named = bool(set(path_parts(page.url)) & words("poll", sometimes=True))
    is_declared = bool(_own_types(page, declared) & POLL_TYPES)
    is_asked = seen.answers >= 2 and (seen.chars < STUB_CHARS or seen.longest < LABEL_CHARS)
    is_poll = is_declared or (is_named and (is_asked or seen.longest < LABEL_CHARS))
    if is_poll or (is_asked and not _says_article(declared) and seen.title.rstrip().endswith(("?", "？"))):
        return Refused(reason=Reason.POLL, detail=f"{seen.answers} answers, {seen.chars} characters of text")
    return None


def _media(page: Page, declared: Declared, seen: Seen) -> Refused | None:
    """A film or pictures with little text; where an article is declared, hardly any, at an address that says so."""
    own = seen.teasers.own
    if own >= (STUB_CHARS if declared.article else MEDIA_CHARS):
        return None
    kinds = {kind for node in declared.nodes for kind in types_of(node)}
    parts = set(path_parts(page.url)[:-1])
    is_film = (declared.first("og:type") or "").lower().startswith("video")
    # lists of articles hold films too
    is_one = parts & words("video") or not (declared.article or seen.teasers.share >= TEASED_SHARE)
    if is_film or (kinds & VIDEO_TYPES and is_one):
        return Refused(reason=Reason.VIDEO, detail=f"a video with {own} characters of text")
    if kinds & GALLERY_TYPES and seen.teasers.share < TEASED_SHARE:
        return Refused(reason=Reason.GALLERY, detail=f"a gallery with {own} characters of text")
    return None


def _labels(page: Page, declared: Declared, seen: Seen) -> Refused | None:
    """Pictures or a film with labels alone, by an address that says so."""
    if seen.longest >= LABEL_CHARS or seen.chars >= (STUB_CHARS if _says_article(declared) else MEDIA_CHARS):
        return None
    parts = set(path_parts(page.url)[:-1])
    for kind, reason in (("gallery", Reason.GALLERY), ("video", Reason.VIDEO)):
        if found := parts & words(kind, sometimes=True):
            return Refused(reason=reason, detail=f"“{min(found)}” in its address, and labels alone")
    return None


def _service(page: Page, declared: Declared, seen: Seen) -> Refused | None:
    """What readers use and do not read: goods, dates, forms, tables alone."""
    if _says_article(declared):
        return None
    og_type = (declared.first("og:type") or "").lower()
    kinds = _own_types(page, declared) & SERVICE_TYPES
    if (kinds or og_type.startswith("product")) and seen.chars < SMALL_CHARS:
        return Refused(reason=Reason.SERVICE, detail=f"declared as {min(kinds, default=og_type)}")
    if seen.is_dated or seen.longest >= STUB_CHARS:
        return None
    if seen.tables >= TABLES_SHARE * seen.chars > 0:
        return Refused(reason=Reason.SERVICE, detail="tables alone")
    parts = path_parts(page.url)
    if found := set(parts[-1:]) & words("account") or set(parts[:1] + parts[-1:]) & words("service"):
        return Refused(reason=Reason.SERVICE, detail=f"“{min(found)}” in its address, and no date")
    return None


def _too_short(page: Page, declared: Declared, seen: Seen) -> Refused | None:
    """Pages without an article's text, by what there is instead."""
    scale = MIN_UNSPACED_CHARS / MIN_ARTICLE_CHARS if UNSPACED.search(seen.text) else 1
    is_bare = _is_bare(declared, seen)
    is_short = seen.chars < scale * (MIN_BARE_CHARS if is_bare else MIN_ARTICLE_CHARS)
    is_closed = str(declared.article.get("isAccessibleForFree")).lower() == "false"
    is_stub = seen.chars < STUB_CHARS and len(stand_in("paywall").said(seen.rest)) >= (1 if is_closed else 2)
    if is_stub or (is_short and is_closed):
        return Refused(reason=Reason.PAYWALL, detail=f"{seen.chars} characters before a paywall")
    hints = (
        stand_in("error").hinted(f"{seen.title}. {seen.text}")
        if is_bare and seen.teasers.own < MAX_HINTED_CHARS
        else ()
    )
    if len(hints) >= MANY_HINTS:
        return Refused(reason=Reason.ERROR, detail=f"no sign of an article, but “{'”, “'.join(hints[:3])}”")
    return _instead_of_text(page, declared, seen, hints) if is_short else None


def _instead_of_text(page: Page, declared: Declared, seen: Seen, hints: Sequence[str]) -> Refused:
    """What a page without a text has in its place."""
    if seen.consent >= CONSENT_SHARE:
        return Refused(reason=Reason.CONSENT, detail="a cookie notice, and hardly more")
    if (seen.captions >= MANY_CAPTIONS and not seen.is_dated) or set(path_parts(page.url)[:-1]) & words("gallery"):
        return Refused(reason=Reason.GALLERY, detail=f"captions, and {seen.chars} characters of text")
    teasers = seen.teasers
    if _is_bare(declared, seen) and teasers.lines >= MANY_LINES and teasers.lines_share >= LINES_SHARE:
        return Refused(reason=Reason.INDEX, detail=f"{teasers.lines} links to other pages")
    if _is_bare(declared, seen) and (found := stand_in("block").hinted(f"{seen.title}. {seen.text}")):
        return Refused(reason=Reason.BLOCK, detail=f"hardly any text, but “{found[0]}”")
    if hints:
        return Refused(reason=Reason.ERROR, detail=f"hardly any text, but “{hints[0]}”")
    return Refused(reason=Reason.NO_BODY, detail=f"{seen.chars} characters of text")
