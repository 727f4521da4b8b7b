from django.contrib import admin
from django.urls import path

from hub.front import crawlers, my, my_data, staff, views

urlpatterns = [
    path("", views.home, name="home"),
    path("calendar.ics", views.calendar_feed, name="calendar_feed"),
    path("my/", my.my, name="my"),
    path("my/data/", my_data.page, name="my_data"),
    path("my/data.json", my_data.download, name="my_data_json"),
    path("my/erase/", my_data.erase, name="my_erase"),
    path("my/calendar/<str:token>.ics", views.personal_feed, name="personal_feed"),
    # Guarded like the back office: a page of it, in the site's own frame.
    path("staff/", admin.site.admin_view(staff.today), name="staff"),
    path("accessibility/", views.accessibility, name="accessibility"),
    path("privacy/", views.privacy, name="privacy"),
    path("robots.txt", crawlers.robots, name="robots"),
    path("sitemap.xml", crawlers.sitemap, name="sitemap"),
    path(".well-known/security.txt", crawlers.security_txt, name="security_txt"),
]
