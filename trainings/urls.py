from django.urls import path

from trainings.views import attendance, catalog, certificates, interest, payments, registration

app_name = "trainings"
# A course may not have the first part of any of these as its address: see words.TAKEN.
urlpatterns = [
    path("", catalog.index, name="index"),
    path("registration/<str:token>/pay/", payments.pay, name="pay"),
    path("registration/<str:token>/paid/", payments.paid, name="paid"),
    path("payments/webhook/", payments.webhook, name="payments_webhook"),
    path("registration/<str:token>/", registration.registration, name="registration"),
    path("host/", interest.host, name="host"),
    path("host/thank-you/", interest.host_thanks, name="host_thanks"),
    path("news/", interest.news, name="news"),
    path("news/check-your-email/", interest.news_check_email, name="news_check_email"),
    path("news/<str:token>/", interest.news_own, name="news_own"),
    path("registration/<str:token>/code/", attendance.code, name="code"),
    path(
        "registration/<str:token>/certificates/<str:code>.pdf",
        certificates.pdf,
        name="certificate_pdf",
    ),
    path("<slug:slug>/", catalog.detail, name="detail"),
    path("<slug:course>/<slug:slug>/", registration.offering, name="offering"),
    path(
        "<slug:course>/<slug:slug>/check-your-email/",
        registration.check_email,
        name="check_email",
    ),
]
