from datetime import timedelta

from calls import audiences, dates, mails, own, privacy, queries, retention, seed, services, work
from hub import announcements
from hub.offers import Timed

MAILS = {
    "calls.link": mails.link,
    "calls.welcome": mails.welcome,
    "calls.goodbye": mails.goodbye,
    "calls.extra": mails.extra,
    "calls.date": mails.date,
    "calls.reminder": mails.reminder,
    "calls.joining": mails.joining,
    "calls.announcement": announcements.letter,
    "calls.new_times": mails.new_times,
    "calls.old_times": mails.old_times,
}

TIMED = [
    Timed("calls: keep dates ahead", timedelta(days=1), dates.keep_ahead),
    Timed("calls: remind", timedelta(minutes=1), services.remind),
    Timed("calls: forget unconfirmed", timedelta(days=1), services.forget_unconfirmed),
    Timed("calls: forget who left", timedelta(days=1), retention.forget_left),
]

AUDIENCES = {"calls.series": audiences.SIGNED_UP}

PAPERS = [queries.papers]

DATA = [own.data]
ERASE = [own.ERASE]
PRIVACY = privacy.PRIVACY
IMPERSONAL = privacy.IMPERSONAL

WORK = [work.approvals, work.on_closures, work.joining]

FIGURES = [work.sign_ups, work.attendance]

SEED = seed.load
