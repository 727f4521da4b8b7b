"""The back office of trainings, a file a subject; every change of weight is a verb's."""

from trainings.admin import catalog, interest

__all__ = ["catalog", "interest"]
