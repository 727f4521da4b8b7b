from django.urls import path

from ta_requests import views

app_name = "ta_requests"
urlpatterns = [
    path("", views.index, name="index"),
]
