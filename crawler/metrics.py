"""A run's numbers as Prometheus' text format has them, for the textfile collector of its node exporter.

Forty lines of our own: the client library of Prometheus keeps registries and locks for numbers that live on in a
process, and costs each run its import; what is to be written once is text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from crawler.delivery import write_whole

Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One gauge: its samples by labels."""

    name: str
    help: str
    samples: Mapping[Labels, float]


def text_of(metrics: Iterable[Metric]) -> str:
    """The exposition format 0.0.4; metrics without a sample are left out.

    >>> text_of([Metric(name="up", help="It is.", samples={(("source", 'a "b"'),): 1})]).splitlines()[-1]
    'up{source="a \\\\"b\\\\""} 1'
    """
    lines = []
    for metric in metrics:
        if metric.samples:
            lines += [f"# HELP {metric.name} {metric.help}", f"# TYPE {metric.name} gauge"]
            lines += [f"{metric.name}{_labels(labels)} {value:.15g}" for labels, value in metric.samples.items()]
    return "".join(f"{line}\n" for line in lines)


def write(path: Path, metrics: Iterable[Metric]) -> None:
    """Write the file whole or not at all; its draft beside it has a name that the collector does not read."""
    write_whole(path, text_of(metrics).encode("utf-8", "backslashreplace"), mode=0o644)  # another user reads it


def _labels(labels: Labels) -> str:
    told = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels)
    return f"{{{told}}}" if told else ""


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\r", "\\r").replace("\n", "\\n")
