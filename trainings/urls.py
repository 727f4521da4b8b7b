from django.urls import path

from trainings.views import catalog

app_name = "trainings"
urlpatterns = [
    path("", catalog.index, name="index"),
    path("<slug:slug>/", catalog.detail, name="detail"),
]
