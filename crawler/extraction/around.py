"""Questions about the elements around an element, asked of many neighbours and answered once for each element."""

from __future__ import annotations

from collections.abc import Callable

from lxml.html import HtmlElement

Known = dict[HtmlElement, bool]


def is_within(element: HtmlElement | None, judge: Callable[[HtmlElement], bool | None], known: Known) -> bool:
    """What ``judge`` says of the nearest element, from this one outwards, of which it says anything; else False.

    ``known`` keeps the answers, so that all questions about one page together take one step for each element.

    >>> from lxml.html import fromstring
    >>> page = fromstring("<main><div><p>a</p></div></main>")
    >>> is_within(page[0][0], lambda element: element.tag == "div" or None, {})
    True
    """
    passed: list[HtmlElement] = []
    answer: bool | None = None
    while element is not None and answer is None:
        answer = known[element] if element in known else judge(element)
        passed.append(element)
        element = element.getparent()
    known.update(dict.fromkeys(passed, bool(answer)))
    return bool(answer)


def inside(home: HtmlElement) -> Callable[[HtmlElement], bool]:
    """Whether an element stands in this one, or is it; for the neighbours of a page to be asked of in turn.

    >>> from lxml.html import fromstring
    >>> page = fromstring("<main><div><p>a</p></div><p>b</p></main>")
    >>> list(map(inside(page[0]), (page[0], page[0][0], page[1])))
    [True, True, False]
    """
    known: Known = {}
    return lambda element: is_within(element, lambda around: around is home or None, known)
