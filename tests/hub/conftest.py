"""What the tests of the hub itself share."""

import shutil

# ical.js needs Node, which the hub does not; where there is none its tests are not collected.
collect_ignore = [] if shutil.which("node") else ["test_ics_js.py"]
