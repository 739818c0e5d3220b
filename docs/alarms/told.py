#!/usr/bin/env python3
"""Read what dateline hands to on_alarm and print it as plain text, for a mail: told.py | mail -s … news@example.org"""

import json
import sys

for alarm in json.load(sys.stdin)["alarms"]:
    print("{source}: {kind} ({severity})".format(**alarm))
    print("  usual: {usual}\n  now:   {now}\n  since: {since}\n  look:  {command}\n".format(**alarm))
