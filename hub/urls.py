from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from hub import health, unsubscribe
from trainings.views import certificates
from trainings.views.catalog import feed as trainings_feed

urlpatterns = [
    path("", include("hub.front.urls")),
    path("calls/", include("calls.urls")),
    path("trainings/", include("trainings.urls")),
    path("trainings.ics", trainings_feed, name="trainings_feed"),
    path("certificates/", certificates.check, name="certificate_check"),
    path("certificates/<str:code>/", certificates.certificate, name="certificate"),
    path("library/", include("library.urls")),
    path("technical-assistance/", include("ta_requests.urls")),
    path("accounts/", include("hub.account_urls")),
    path("admin/", admin.site.urls),
    path("unsubscribe/<str:audience>/<str:token>/", unsubscribe.page, name="unsubscribe"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
if settings.LOCAL:
    urlpatterns.append(path("dev/", include("hub.dev.urls")))

handler400 = "hub.errors.bad_request"
handler404 = "hub.errors.not_found"
handler403 = "hub.errors.forbidden"
handler500 = "hub.errors.server_error"
