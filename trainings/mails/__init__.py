"""The mails of trainings, a file a subject; trainings/for_hub.py lists their kinds."""
