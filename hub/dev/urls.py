from django.urls import path

from hub.dev import views

urlpatterns = [
    path("mail/", views.mailbox, name="dev_mailbox"),
    path("mail/<slug:name>/", views.letter, name="dev_letter"),
    path("sign-in/<str:key>/", views.sign_in, name="dev_sign_in"),
]
