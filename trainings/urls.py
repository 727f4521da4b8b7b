from django.urls import path

from trainings.views import catalog, payments

app_name = "trainings"
urlpatterns = [
    path("", catalog.index, name="index"),
    path("registration/<str:token>/pay/", payments.pay, name="pay"),
    path("registration/<str:token>/paid/", payments.paid, name="paid"),
    path("payments/webhook/", payments.webhook, name="payments_webhook"),
    path("<slug:slug>/", catalog.detail, name="detail"),
]
