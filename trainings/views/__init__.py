"""The pages of trainings, a file a subject; views call verbs of trainings.services."""
