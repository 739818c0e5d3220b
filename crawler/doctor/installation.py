"""The program itself: its libraries in the versions that it asks for, its extras, and the rules that it ships with."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

from crawler import __version__
from crawler.doctor.findings import Finding, note, ok, problem
from crawler.extraction.model.judge import NAMES
from crawler.extraction.model.weights import WeightsError, shipped
from crawler.extraction.rule import RuleError
from crawler.extraction.rulebook import ANY, languages_known, packaged_rules

NAME = "dateline"
LEAST_PYTHON = (3, 11)
PINS = Path(__file__).parents[2] / "requirements.txt"  # of a checkout: the versions that were tested together
MAKE = "run make, or pip install -r requirements.txt, in the checkout"


def check_installation() -> Iterator[Finding]:
    """What the program is made of."""
    yield _python(sys.version_info[:3])
    try:
        needs = [Requirement(text) for text in metadata.requires(NAME) or ()]
    except metadata.PackageNotFoundError:
        yield note("packages", f"{NAME} is not installed, it runs from {PINS.parent}", "pip install it to be sure")
    else:
        own = [need for need in needs if need.marker is None or need.marker.evaluate({"extra": ""})]
        yield _packages(own, pins_of(PINS))
        yield _extras(needs)
    yield _rules()


def _python(version: Sequence[int]) -> Finding:
    said = f"{NAME} {__version__} on {platform.python_implementation()} {'.'.join(map(str, version))}"
    if tuple(version[:2]) < LEAST_PYTHON:
        return problem("python", said, f"Python {'.'.join(map(str, LEAST_PYTHON))} or newer is needed")
    return ok("python", said)


def _packages(needs: Sequence[Requirement], pins: dict[str, str]) -> Finding:
    """Whether each library is there, in a version that is asked for, and in the one that was tested."""
    wrong, others = [], []
    for need in needs:
        version = _version(need.name)
        if version is None:
            wrong.append(f"{need.name} is missing")
        elif not need.specifier.contains(version, prereleases=True):
            wrong.append(f"{need.name} is {version}, and {need.specifier} is needed")
        elif pins.get(_key(need.name), version) != version:
            others.append(f"{need.name} {version} ({pins[_key(need.name)]})")
    if wrong:
        return problem("packages", "; ".join(wrong), MAKE if pins else f"pip install --upgrade {NAME}")
    if others:
        return note("packages", f"of other versions than were tested: {', '.join(others)}", MAKE)
    tested = ", as they were tested together" if pins else ""
    return ok("packages", f"{len(needs)} libraries, all in versions that are asked for{tested}")


def _extras(needs: Sequence[Requirement]) -> Finding:
    """Which optional parts can be used."""
    told = []
    for extra in sorted(metadata.metadata(NAME).get_all("Provides-Extra") or ()):
        own = [need for need in needs if need.marker and need.marker.evaluate({"extra": extra})]
        own = [need for need in own if not need.marker or not need.marker.evaluate({"extra": ""})]
        missing = [need.name for need in own if (_version(need.name) or "") not in need.specifier]
        told.append(f"{extra} (without {', '.join(missing)})" if missing else extra)
    return ok("extras", f"{', '.join(told) or 'there are none'}; pip install '{NAME}[NAME]' brings what is missing")


def _rules() -> Finding:
    """Whether what the program ships with can be read."""
    try:
        numbers = {language: len(packaged_rules(language)) for language in (ANY, *languages_known())}
        shipped(NAMES)
    except (RuleError, WeightsError, OSError) as error:
        return problem("rules", str(error), "install the program anew; nothing can be read with it")
    return ok("rules", f"{sum(numbers.values())} rules for {len(numbers) - 1} languages, and the block model's weights")


def pins_of(path: Path) -> dict[str, str]:
    """The versions of a file of pins, by name; none where there is no such file."""
    if not path.is_file():
        return {}
    lines = (line.partition("==") for line in path.read_text("utf-8").splitlines() if "==" in line)
    return {_key(name): version.strip() for name, _, version in lines}


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _key(name: str) -> str:
    """A package's name in one spelling (PEP 503).

    >>> _key("lxml_html_clean"), _key("Scrapy")
    ('lxml-html-clean', 'scrapy')
    """
    return name.strip().lower().replace("_", "-").replace(".", "-")
