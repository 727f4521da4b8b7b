"""/healthz: the process answers. /readyz: it can serve, and the worker is at work."""

from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from hub import rotation, worker


def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain")


def readyz(request: HttpRequest) -> HttpResponse:
    checks = {"database": False, "migrations": False, "keys": False, "worker": False}
    try:
        executor = MigrationExecutor(connection)
        checks["database"] = True
        checks["migrations"] = not executor.migration_plan(executor.loader.graph.leaf_nodes())
        if checks["migrations"]:
            checks["keys"] = not rotation.missing_keys()
            seen = worker.last_seen()
            checks["worker"] = seen is not None and timezone.now() - seen < worker.SILENT_AFTER
    except Error:
        pass
    return JsonResponse(checks, status=200 if all(checks.values()) else 503)
