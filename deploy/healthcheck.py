"""Ends with 0 while the web process beside it answers /healthz; with no program but Python."""

import os
import sys
import urllib.error
import urllib.request
from urllib.parse import urlsplit

# Asked by any other name the hub refuses to answer.
host = urlsplit(os.environ["HUB_BASE_URL"]).netloc
port = sys.argv[1] if len(sys.argv) > 1 else "8000"
request = urllib.request.Request(f"http://127.0.0.1:{port}/healthz", headers={"Host": host})
try:
    with urllib.request.urlopen(request, timeout=4) as answer:  # noqa: S310 (this machine)
        sys.exit(answer.status != 200)
except (urllib.error.URLError, TimeoutError):
    sys.exit(1)
