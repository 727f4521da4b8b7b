"""The back office of trainings, a file a subject; every change of weight is a verb's."""

from trainings.admin import (
    attendance,
    catalog,
    certificates,
    interest,
    money,
    offerings,
    people,
    pledges,
)

__all__ = [
    "attendance",
    "catalog",
    "certificates",
    "interest",
    "money",
    "offerings",
    "people",
    "pledges",
]
