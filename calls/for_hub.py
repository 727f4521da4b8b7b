from datetime import timedelta

from calls import dates, mails, queries, seed, services
from hub.offers import Timed

MAILS = {
    "calls.link": mails.link,
    "calls.welcome": mails.welcome,
    "calls.goodbye": mails.goodbye,
    "calls.extra": mails.extra,
    "calls.date": mails.date,
    "calls.reminder": mails.reminder,
    "calls.joining": mails.joining,
    "calls.announcement": mails.announcement,
    "calls.new_times": mails.new_times,
    "calls.old_times": mails.old_times,
}

TIMED = [
    Timed("calls: keep dates ahead", timedelta(days=1), dates.keep_ahead),
    Timed("calls: remind", timedelta(minutes=1), services.remind),
    Timed("calls: forget unconfirmed", timedelta(days=1), services.forget_unconfirmed),
]

PAPERS = [queries.papers]

SEED = seed.load
