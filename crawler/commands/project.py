"""The project's settings for Scrapy, with what a command has chosen over them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from scrapy.settings import Settings

from crawler.addresses import parse_allowed
from crawler.useragent import user_agent


def project_settings(chosen: Mapping[str, Any]) -> Settings:
    """The project's settings with those over them that are chosen, not None; ConfigError for a bad DATELINE_ALLOW."""
    parse_allowed(chosen["DATELINE_ALLOW"])
    settings = Settings()
    settings.setmodule("crawler.settings", priority="project")
    settings.setdict({name: value for name, value in chosen.items() if value is not None}, priority="cmdline")
    return settings


def looking_settings(allow: Sequence[str], contact: str | None = None, **chosen: Any) -> Settings:
    """The same for a command that looks at a site: less what keeps and what writes, and without a log."""
    looking = {"ITEM_PIPELINES": {}, "EXTENSIONS": {}, "EXTENSIONS_BASE": {}, "LOG_ENABLED": False}
    return project_settings(
        {"DATELINE_ALLOW": list(allow), "USER_AGENT": user_agent(contact or ""), **looking, **chosen}
    )
