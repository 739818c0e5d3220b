"""The clocks that a site may keep: those of its country, and the one that its pages state."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from crawler.extraction.dates.claims import View
from crawler.extraction.dates.reading import Reading, in_zone, zone_info
from crawler.extraction.dates.settle import top_level_of
from crawler.extraction.dates.words import zones_of_country
from crawler.site import Site


def country_zones(view: View) -> tuple[ZoneInfo, ...]:
    """The site's own zone where it is configured, else those of its country."""
    site = view.page.site
    names = (site.zone,) if zone_info(site.zone) else zones_of_country(site.country or top_level_of(view.page.url))
    return tuple(zone for name in names if (zone := zone_info(name)))


def stated_zone(site: Site, reading: Reading) -> ZoneInfo | None:
    """A zone that agrees with what the site's pages state, if all that do have one offset at the time read.

    None for a day alone and for a time that has an offset other than that of UTC.
    """
    if reading.time is None or not (reading.is_utc or reading.offset is None) or zone_info(site.zone):
        return None
    zones = [zone for name in site.dates.zones if (zone := zone_info(name))]
    return zones[0] if len({in_zone(reading, zone).offset for zone in zones}) == 1 else None
