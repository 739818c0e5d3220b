"""The rules files: drop examples are cut, keep examples are left alone, a broken file is refused by name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import resources

import pytest

from crawler.extraction.notices import block_notice, cut_notices
from crawler.extraction.patterns import expand, hazard
from crawler.extraction.rule import Rule, RuleError, parse_rules
from crawler.extraction.rulebook import ANY, languages_known, packaged_rules, rulebook
from crawler.extraction.sentences import reading

GOOD = r"""
[words]
us = 'us|our paper'

[support]
kind = "donation appeal"
match = "start"
unit = "sentence"
max_words = 20
cues = ["support"]
patterns = ['support {us}']
drop = ["Support us!", "Support our paper."]
keep = ["Support grows.", "They support us."]
"""


def all_rules() -> Iterator[Rule]:
    for language in (ANY, *languages_known()):
        yield from packaged_rules(language)


def languages_of(rule: Rule) -> list[str]:
    return ["en"] if rule.language == ANY else [rule.language]


def samples(which: str) -> list[object]:
    return [
        pytest.param(rule, text, id=f"{rule.language}-{rule.name}-{number}")
        for rule in all_rules()
        for number, text in enumerate(getattr(rule, which))
    ]


@pytest.mark.parametrize(("rule", "text"), samples("drop"))
def test_drop_example_is_a_notice_of_its_kind(rule: Rule, text: str) -> None:
    notice = block_notice(text, languages=languages_of(rule), link_share=rule.linked)

    assert notice is not None
    assert rule.beside != "no" or notice.kind is rule.kind
    assert re.match(r"\w+ [\w-]+: .+", notice.reason)


@pytest.mark.parametrize(("rule", "text"), samples("keep"))
@pytest.mark.parametrize("everything", [False, True], ids=["own", "all"])
def test_keep_example_is_left_whole_by_its_own_and_by_all_languages(rule: Rule, text: str, everything: bool) -> None:
    languages = [] if everything else languages_of(rule)

    assert block_notice(text, languages=languages) is None
    assert cut_notices(text, languages=languages) == (text, [])


@pytest.mark.parametrize("language", [ANY, *languages_known()])
def test_packaged_rules_pass_the_checks_that_a_run_leaves_out(language: str) -> None:
    file = resources.files("crawler.extraction") / "rules" / f"{language}.toml"
    checked = parse_rules(language, file.read_text("utf-8"))
    assert [rule.name for rule in checked] == [rule.name for rule in packaged_rules(language)]


def test_broken_pattern_of_a_tested_file_is_told_when_it_is_used() -> None:
    (rule,) = parse_rules("xx", GOOD.replace("support {us}", "(support"), is_tested=True)
    with pytest.raises(RuleError, match=r"xx\.toml: \[\w+\] patterns: not a pattern"):
        rule.words_found(reading("Support us!"))


@pytest.mark.parametrize("language", languages_known())
def test_every_language_knows_the_common_kinds(language: str) -> None:
    kinds = {str(rule.kind) for rule in packaged_rules(language)}

    assert kinds >= {
        "donation appeal",
        "ad-block notice",
        "newsletter",
        "subscription",
        "related links",
        "typo prompt",
        "reading time",
        "share bar",
        "advertisement label",
        "app promotion",
        "comment prompt",
        "copyright",
        "cookie notice",
        "caption",
        "correction",
    }


def test_patterns_are_safe_against_hostile_texts() -> None:
    for rule in all_rules():
        patterns = [rule.pattern, *rule.signs.values(), *([rule.unless] if rule.unless else [])]
        for pattern in patterns:
            assert not re.search(r"(?<!\\)[*+](?![^\[]*\])", pattern.compile().pattern), f"{rule.language} {rule.name}"


@pytest.mark.parametrize(
    ("pattern", "danger"),
    [
        (r"(?:a+)+", "endless +"),
        (r"a.*b", "endless *"),
        (r"a{2,}", "endless {2,}"),
        (r"(?:a{0,9}){0,9}", "a repeat inside a repeat"),
        (r"(?:(?:ab){1,3}c?){2}", "a repeat inside a repeat"),
        (".{0,60}a" * 8, "8 wide gaps, 6 at most"),
    ],
)
def test_hazard_names_what_could_be_slow(pattern: str, danger: str) -> None:
    assert hazard(pattern) == danger


@pytest.mark.parametrize("pattern", [r"(?:\w+ ){0,3}of", r"[*+]{1,3}", r"donat\w*", r"a\+b\*", r"(?:read|see) also ?:"])
def test_hazard_passes_what_is_bounded(pattern: str) -> None:
    assert hazard(expand(pattern, {})) is None


def test_good_file_is_read() -> None:
    (rule,) = parse_rules("xx", GOOD)

    assert (rule.language, rule.name, rule.kind.value, rule.max_words) == ("xx", "support", "donation appeal", 20)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("max_words = 20", "max_wrods = 20", "xx.toml: [support] max_wrods: unknown key"),
        ("max_words = 20", "", "xx.toml: [support] max_words: missing"),
        ("max_words = 20", "max_words = true", "xx.toml: [support] max_words: expected"),
        ('"donation appeal"', '"donations"', "xx.toml: [support] kind: expected one of donation appeal"),
        ('match = "start"', 'match = "begin"', "xx.toml: [support] match: expected one of whole, start"),
        ('drop = ["Support us!", "Support our paper."]', "", "xx.toml: [support] drop: missing"),
        ('keep = ["Support grows.", "They support us."]', 'keep = ["One."]', "xx.toml: [support] keep: expected two"),
        ('cues = ["support"]', "", "xx.toml: [support] cues: missing"),
        ('cues = ["support"]', 'cues = ["donate"]', "xx.toml: [support] cues: none stands in the drop example"),
        ('cues = ["support"]', 'cues = ["su"]', "xx.toml: [support] cues: 'su' is too short"),
        ("{us}", "{them}", "xx.toml: [support] patterns: no word list 'them'"),
        ("support {us}", "support (us", "xx.toml: [support] patterns: not a pattern"),
        ("support {us}", "support.*us", "xx.toml: [support] patterns: endless *"),
        ('match = "start"', 'match = "start"\nneeds = 2', "xx.toml: [support] needs: has no use with match = 'start'"),
        ("us = 'us|our paper'", "us = 3", "xx.toml: [words] us: expected a text"),
        ("[support]", "[support", "xx.toml: "),
    ],
)
def test_broken_file_is_refused_with_file_table_and_key(old: str, new: str, message: str) -> None:
    with pytest.raises(RuleError) as error:
        parse_rules("xx", GOOD.replace(old, new, 1))

    assert str(error.value).startswith(message)


def test_unknown_or_missing_language_takes_all_rules() -> None:
    everything = {rule.language for rule in rulebook([]).rules}

    assert everything == {ANY, *languages_known()}
    assert {rule.language for rule in rulebook(["xx", "en"]).rules} == everything


def test_region_and_case_of_a_language_do_not_matter() -> None:
    assert {rule.language for rule in rulebook(["en-GB", "DE_at"]).rules} == {ANY, "en", "de"}
