"""How gunicorn serves the hub. It reads this file by itself when started beside it.

The command line wins over what stands here: give --bind there.
"""

import logging
import os

# A page costs mostly Python, of which a process does one piece at a time: a process a core,
# and one to spare while another waits for the database. os.cpu_count() would count cores that
# this process may not use. In a container with a quota set WEB_CONCURRENCY.
workers = int(os.environ.get("WEB_CONCURRENCY") or len(os.sched_getaffinity(0)) + 1)
# A slow reader, or a browser that keeps its connection, holds a thread and not a process. Each
# thread keeps a connection to the database: workers times threads, beside one for each hub worker.
threads = 4
# gunicorn ends a process that gives no sign of life for so long. The longest thing a page does,
# a day's certificates in one file, takes seconds.
timeout = 30
# On a deployment requests in hand are finished; systemd and compose wait ten seconds longer.
graceful_timeout = 30
# A proxy in front keeps its connections for longer than a browser that comes directly.
keepalive = 15
# No leak is known; should a dependency bring one, it costs memory for a day and not for months.
max_requests = 10_000
# Not all processes at once.
max_requests_jitter = 1_000
# The hub is loaded before it is forked: a setting or key that is missing ends the start with a
# sentence, not a process after another, and the processes share what they do not change. In
# exchange a new version needs a restart; HUP does not load one.
preload_app = True
# Signs of life go into a file each second: not onto a disk that may be slow, nor read-only.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108
# Nobody here commands a running gunicorn, and the socket to do so needs a home to lie in.
control_socket_disable = True
# Whoever may come past the proxy is counted by HUB_TRUSTED_PROXIES, and https told by Django.
# Left at its default this would believe every program on this machine.
forwarded_allow_ips = ""

# The address of a private page is its key, and that of a visitor is personal: no access log.
accesslog = None


class NoVisitors(logging.Filter):
    """Of a request that failed before or after the hub had it: that it did, not whose it was."""

    KEPT = ("Invalid request", "Error handling request")

    def filter(self, record: logging.LogRecord) -> bool:
        for begin in self.KEPT:
            if str(record.msg).startswith(begin):
                record.msg, record.args = begin, ()
        return True


logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"no visitors": {"()": NoVisitors}},
    "formatters": {"private": {"()": "hub.logs.PrivateFormatter"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "private",
            "filters": ["no visitors"],
        }
    },
    # No level here: --log-level says it.
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "gunicorn.error": {"handlers": ["console"], "propagate": False},
        "gunicorn.access": {"handlers": [], "propagate": False},
    },
}
