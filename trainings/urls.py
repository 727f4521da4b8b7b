from django.urls import path

from trainings.views import attendance, catalog, interest

app_name = "trainings"
# A course may not have the first part of any of these as its address: see words.TAKEN.
urlpatterns = [
    path("", catalog.index, name="index"),
    path("host/", interest.host, name="host"),
    path("host/thank-you/", interest.host_thanks, name="host_thanks"),
    path("news/", interest.news, name="news"),
    path("news/check-your-email/", interest.news_check_email, name="news_check_email"),
    path("news/<str:token>/", interest.news_own, name="news_own"),
    path("registration/<str:token>/code/", attendance.code, name="code"),
    path("<slug:slug>/", catalog.detail, name="detail"),
]
