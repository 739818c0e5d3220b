"""A wall clock that is set back while a process runs; on the path of a crawl whose clock is to be wrong.

``CLOCK_SET_BACK`` is ``SECONDS@AFTER``: how far, and how many seconds after the start. Monotonic clocks go on.
"""

import datetime
import os
import time
from typing import Any

_started = time.monotonic()
_true_time, _true_time_ns, _true_datetime = time.time, time.time_ns, datetime.datetime


def _shift_s() -> float:
    back_s, _, after_s = os.environ["CLOCK_SET_BACK"].partition("@")
    return -float(back_s) if time.monotonic() >= _started + float(after_s) else 0.0


class _Kind(type):
    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, _true_datetime)


class _Datetime(_true_datetime, metaclass=_Kind):
    @classmethod
    def now(cls, tz: Any = None) -> Any:
        return cls.fromtimestamp(time.time(), tz)


_Datetime.__name__ = _Datetime.__qualname__ = "datetime"  # as it is pickled
_Datetime.__module__ = "datetime"
time.time = lambda: _true_time() + _shift_s()
time.time_ns = lambda: _true_time_ns() + round(_shift_s() * 1e9)
datetime.datetime = _Datetime  # type: ignore[misc]
