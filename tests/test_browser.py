"""The browser of the other tests sees what it is there to see."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from tests.browser import PHONE, Open


def test_a_quiet_page_is_shown_and_nothing_is_noted(open_page: Open, tmp_path: Path) -> None:
    opened = open_page(_file(tmp_path, "<h1>Quiet</h1>"))
    expect(opened.page.get_by_role("heading")).to_have_text("Quiet")
    assert opened.complaints == []
    assert opened.requests == []
    assert not opened.is_wider_than_the_screen()


def test_errors_of_scripts_and_of_the_console_are_noted(open_page: Open, tmp_path: Path) -> None:
    opened = open_page(_file(tmp_path, "<script>console.error('one'); throw new Error('two')</script>"))
    assert opened.complaints == ["error: one", "script: two"]
    opened.complaints.clear()


def test_what_leaves_the_page_is_noted_and_does_not_arrive(open_page: Open, tmp_path: Path) -> None:
    opened = open_page(_file(tmp_path, '<img src="http://127.0.0.1:9/a.png"><link rel=stylesheet href="near.css">'))
    near = (tmp_path / "near.css").as_uri()
    assert sorted(opened.requests) == ["image: http://127.0.0.1:9/a.png", f"stylesheet: {near}"]
    opened.requests.clear()
    opened.complaints.clear()


def test_what_is_blocked_by_a_policy_is_a_complaint(open_page: Open, tmp_path: Path) -> None:
    policy = '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'">'
    opened = open_page(_file(tmp_path, f"{policy}<script>document.title = 'run'</script>"))
    assert ["Content Security Policy" in told for told in opened.complaints] == [True]
    opened.complaints.clear()


def test_dark_and_phone_are_what_the_page_sees(open_page: Open, tmp_path: Path) -> None:
    wide = open_page(_file(tmp_path, '<p style="width: 500px">wide</p>'), size=PHONE, dark=True)
    assert wide.page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    assert wide.is_wider_than_the_screen()


def _file(folder: Path, body: str) -> Path:
    path = folder / "page.html"
    meta = '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    path.write_text(f'<!doctype html><html lang="en">{meta}<title>A page</title>{body}</html>', encoding="utf-8")
    return path
