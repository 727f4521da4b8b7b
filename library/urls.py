from django.urls import path

from library import exports, files, suggesting, views

app_name = "library"
urlpatterns = [
    path("", views.index, name="index"),
    path("feed.atom", exports.feed, name="feed"),
    path("export.<str:kind>", exports.export, name="export"),
    path("reading-list/", exports.reading_list, name="reading_list"),
    path("suggest/", suggesting.suggest, name="suggest"),
    path("suggest/thank-you/", suggesting.thanks, name="suggest_thanks"),
    path("<slug:slug>/", views.detail, name="detail"),
    path("<slug:slug>/cite.<str:kind>", exports.cite, name="cite"),
    path("<slug:slug>/file/", files.download, name="file"),
]
