from django.urls import path

from hub.front import views

urlpatterns = [
    path("", views.home, name="home"),
    path("calendar.ics", views.calendar_feed, name="calendar_feed"),
    path("my/", views.my, name="my"),
    path("my/calendar/<str:token>.ics", views.personal_feed, name="personal_feed"),
    path("accessibility/", views.accessibility, name="accessibility"),
    path("privacy/", views.privacy, name="privacy"),
]
