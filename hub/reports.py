"""What Django may write down of an error: where it happened and of what type, no value."""

from collections.abc import ItemsView
from types import TracebackType
from typing import Any

from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.debug import ExceptionReporter, SafeExceptionReporterFilter

from hub.logs import PrivateFormatter


class PlacesOnly(ExceptionReporter):
    """The body of a debug page or an error mail, of which Django's own holds the request."""

    exc_type: type[BaseException]
    exc_value: BaseException
    tb: TracebackType

    def get_traceback_text(self) -> SafeString:
        error = (self.exc_type, self.exc_value, self.tb)
        return SafeString(PrivateFormatter().formatException(error))

    def get_traceback_html(self) -> SafeString:
        places = str(self.get_traceback_text())
        return format_html("<!doctype html><title>Error</title><pre>{}</pre>", places)


class HideAll(SafeExceptionReporterFilter):
    """For any other report that asks Django what it may show of a request: nothing."""

    def is_active(self, request: HttpRequest | None) -> bool:
        return True

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, Any]:
        return {}

    def get_safe_request_meta(self, request: HttpRequest) -> dict[str, Any]:
        return {}

    def get_safe_cookies(self, request: HttpRequest) -> dict[str, Any]:
        return {}

    def get_cleansed_multivaluedict(self, request: HttpRequest, multivaluedict: Any) -> Any:
        return {}

    def get_traceback_frame_variables(self, request: Any, tb_frame: Any) -> ItemsView[str, Any]:
        return {}.items()
