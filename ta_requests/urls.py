from django.urls import path

from ta_requests.views import asking, following

app_name = "ta_requests"
urlpatterns = [
    path("", asking.index, name="index"),
    path("ask/", asking.ask, name="ask"),
    path("follow/<str:token>/", following.follow, name="follow"),
]
