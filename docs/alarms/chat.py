#!/usr/bin/env python3
"""Read what dateline hands to on_alarm and post it to a chat's incoming webhook: chat.py https://chat.example.org/hook

The address is a secret: keep it in a file that others cannot read, and give the file's name in place of the address.
"""

import json
import pathlib
import sys
import urllib.request

where = sys.argv[1]
url = where if "://" in where else pathlib.Path(where).read_text().strip()
lines = ["{source}: {kind}, usual {usual}, now {now}".format(**alarm) for alarm in json.load(sys.stdin)["alarms"]]
body = json.dumps({"text": "\n".join(lines)}).encode()
request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
urllib.request.urlopen(request, timeout=20).close()
