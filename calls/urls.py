from django.urls import path

from calls import views

app_name = "calls"
urlpatterns = [
    path("", views.index, name="index"),
    path("sign-up/<str:token>/", views.sign_up, name="sign_up"),
    path("<slug:slug>.ics", views.feed, name="feed"),
    path("<slug:slug>/", views.detail, name="detail"),
    path("<slug:slug>/dates/", views.all_dates, name="all_dates"),
    path("<slug:slug>/check-your-email/", views.check_email, name="check_email"),
    path("<slug:slug>/flyer.pdf", views.flyer, name="flyer"),
]
