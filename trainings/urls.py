from django.urls import path

from trainings.views import catalog, payments, registration

app_name = "trainings"
urlpatterns = [
    path("", catalog.index, name="index"),
    path("registration/<str:token>/pay/", payments.pay, name="pay"),
    path("registration/<str:token>/paid/", payments.paid, name="paid"),
    path("payments/webhook/", payments.webhook, name="payments_webhook"),
    path("registration/<str:token>/", registration.registration, name="registration"),
    path("<slug:slug>/", catalog.detail, name="detail"),
    path("<slug:course>/<slug:slug>/", registration.offering, name="offering"),
    path(
        "<slug:course>/<slug:slug>/check-your-email/",
        registration.check_email,
        name="check_email",
    ),
]
