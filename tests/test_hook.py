"""The operator's command for alarms, and the file for metrics: what they are given, and what they may cost."""

from __future__ import annotations

import json
import os
import sys
import time
import tomllib
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from crawler.errors import ConfigError
from crawler.hook import run_hook
from crawler.metrics import Metric, text_of, write
from crawler.sources import read_sources_file
from tests.test_history import ALARM


def python(words: str) -> str:
    return f'{sys.executable} -c "{words}"'


def test_the_command_is_given_json_and_no_shell_reads_it(tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = python(f"import sys; open('{out}', 'w').write(sys.stdin.read() + sys.argv[1])") + " $HOME;true"
    assert run_hook(command, [ALARM], "RUN", tmp_path) is None
    told, _, argument = out.read_text().partition("\n")
    assert json.loads(told) == {"run": "RUN", "data": str(tmp_path), "alarms": [ALARM.as_json()]}
    assert argument == "$HOME;true"


def test_a_command_that_hangs_is_ended_with_its_children(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    words = (
        "import subprocess, sys; child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
        f" open('{pid}', 'w').write(str(child.pid)); child.wait()"
    )
    assert run_hook(python(words), [ALARM], "RUN", tmp_path, within_s=3) == (
        f"on_alarm: {python(words)}: took longer than 3 s and was ended"
    )
    child = int(pid.read_text())
    for _ in range(100):  # it is another process's to reap
        if not Path(f"/proc/{child}").exists() or "Z" in Path(f"/proc/{child}/stat").read_text().split()[2]:
            break
        time.sleep(0.05)
    else:
        raise AssertionError(f"{child} is alive")


@pytest.mark.parametrize("command", ["'", "", "/nowhere/at/all"])
def test_a_command_that_cannot_be_run_is_told(tmp_path: Path, command: str) -> None:
    told = run_hook(command, [ALARM], "RUN", tmp_path)
    assert told is not None
    assert told.startswith(f"on_alarm: {command}: cannot be run")


def test_a_command_that_reads_nothing_is_fine(tmp_path: Path) -> None:
    assert run_hook("true", [ALARM] * 5000, "RUN", tmp_path) is None


def test_metrics_are_escaped_and_written_whole(tmp_path: Path) -> None:
    name = 'a "b"\\\n{} \ud800'
    metric = Metric(name="m", help="It is.", samples={(("source", name), ("kind", "x")): 1_234_567_890.0})
    path = tmp_path / "d.prom"
    path.write_text("old")
    write(path, [metric, Metric(name="none", help="Left out.", samples={})])
    sample = 'm{source="a \\"b\\"\\\\\\n{} \\ud800",kind="x"} 1234567890'
    assert path.read_text().split("\n") == ["# HELP m It is.", "# TYPE m gauge", sample, ""]
    assert os.listdir(tmp_path) == ["d.prom"]  # noqa: PTH208  names alone
    assert path.stat().st_mode & 0o777 == 0o644
    assert text_of([]) == ""


def test_a_sources_file_names_both_at_its_top(tmp_path: Path) -> None:
    path = tmp_path / "sites.toml"
    path.write_text('on_alarm = "mail"\nmetrics = "d.prom"\n[a]\nurl = "https://example.org/"\n')
    file = read_sources_file(path)
    assert (file.on_alarm, file.metrics, [source.name for source in file.sources]) == ("mail", "d.prom", ["a"])
    path.write_text('[on_alarm]\nurl = "https://example.org/"\n')
    assert [source.name for source in read_sources_file(path).sources] == ["on_alarm"]


@pytest.mark.parametrize(
    ("top", "says"),
    [
        ('on_alrm = "x"', "on_alrm: unknown key; did you mean on_alarm?"),
        ("on_alarm = 3", "on_alarm: expected a text in quotes, found 3"),
        ('metrics = " "', "metrics: expected a text that is not empty"),
        ('delay = "3"', "[delay]: expected a table"),
    ],
)
def test_what_a_sources_file_says_wrong_is_named(tmp_path: Path, top: str, says: str) -> None:
    path = tmp_path / "sites.toml"
    path.write_text(f'{top}\n[a]\nurl = "https://example.org/"\n')
    with pytest.raises(ConfigError) as error:
        read_sources_file(path)
    assert says in str(error.value)


RECIPES = Path(__file__).parents[1] / "docs" / "alarms"


def test_the_recipe_for_mail_sends_plain_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mail = tmp_path / "mail"
    mail.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/sent\ncat >> {tmp_path}/sent\n')
    mail.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.chdir(RECIPES)
    (line,) = [line for line in (RECIPES.parent / "alarms.md").read_text().splitlines() if "| mail" in line]
    command = tomllib.loads(line.strip())["on_alarm"]
    assert run_hook(command, [ALARM], "RUN", tmp_path) is None
    subject, first, usual, *_ = (tmp_path / "sent").read_text().splitlines()
    assert subject == "-s Dateline: a source is not as it was news@example.org"
    assert (first, usual) == ("courier: undated (high)", "  usual: 0 of 200")


def test_the_recipe_for_chat_posts_text(tmp_path: Path) -> None:
    class Chat(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            posted.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    posted: list[object] = []
    with HTTPServer(("127.0.0.1", 0), Chat) as server:
        thread = Thread(target=server.handle_request)
        thread.start()
        (tmp_path / "webhook").write_text(f"http://127.0.0.1:{server.server_port}/hook\n")
        assert run_hook(f"{RECIPES / 'chat.py'} {tmp_path / 'webhook'}", [ALARM], "RUN", tmp_path) is None
        thread.join()
    assert posted == [{"text": "courier: undated, usual 0 of 200, now 9 of 9"}]
