"""Log lines without personal data."""

import logging
import traceback


class PrivateFormatter(logging.Formatter):
    """Time, level, logger, message; of an exception its type and where, never its text.

    The text of an exception often quotes what somebody typed (a value a constraint
    refused), and the path of a request may hold a token, so both stay out.
    """

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        # A copy: the record is everybody's, and another handler may have kept its text.
        record = logging.makeLogRecord(record.__dict__)
        record.exc_text = record.stack_info = None
        request = getattr(record, "request", None)
        if request is not None:
            match = getattr(request, "resolver_match", None)
            record.args = ()
            record.msg = f"{request.method} {match.route if match else '(no such page)'}"
            if status := getattr(record, "status_code", None):
                record.msg += f" answered {status}"
        return super().format(record)

    def formatException(self, ei: object) -> str:  # noqa: N802 (the name is logging's)
        if not isinstance(ei, tuple) or ei[0] is None:
            return ""
        lines = [f"  {f.filename}:{f.lineno} {f.name}" for f in traceback.extract_tb(ei[2])]
        return "\n".join([*lines, f"  {ei[0].__module__}.{ei[0].__qualname__}"])
