from django.apps import AppConfig


class FrontConfig(AppConfig):
    name = "hub.front"
    label = "front"
    verbose_name = "Trainings and library"
