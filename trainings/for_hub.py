from datetime import timedelta

from hub import announcements
from hub.offers import Timed
from trainings import audiences, figures, own, privacy, sample_agenda, seed, work
from trainings.mails import certificates as certificate_mails
from trainings.mails import interest as interest_mails
from trainings.mails import money as money_mails
from trainings.mails import pledges as pledge_mails
from trainings.mails import registration
from trainings.services import deadlines, erasure, interest, payments, pledges, retention

MAILS = {
    "trainings.invoice": money_mails.invoice,
    "trainings.payment_received": money_mails.received,
    "trainings.payment_failed": money_mails.failed,
    "trainings.payment_bounced": money_mails.bounced,
    "trainings.payment_late": money_mails.late,
    "trainings.refund_made": money_mails.refunded,
    "trainings.pledge_made": pledge_mails.made,
    "trainings.pledge_changed": pledge_mails.changed,
    "trainings.pledge_reminder": pledge_mails.reminder,
    "trainings.link": registration.link,
    "trainings.confirmed": registration.confirmed,
    "trainings.waitlisted": registration.waitlisted,
    "trainings.offered": registration.offered,
    "trainings.lapsed": registration.lapsed,
    "trainings.awaiting_payment": registration.awaiting_payment,
    "trainings.canceled": registration.canceled,
    "trainings.changed": registration.changed,
    "trainings.offering_canceled": registration.offering_canceled,
    "trainings.reminder": registration.reminder,
    "trainings.announcement": announcements.letter,
    "trainings.certificate": certificate_mails.issued,
    "trainings.certificate_held": certificate_mails.held,
    "trainings.news_link": interest_mails.news_link,
    "trainings.news": interest_mails.news,
    "trainings.news_canceled": interest_mails.news_canceled,
    "trainings.news_announcement": announcements.letter,
    "trainings.host_thanks": interest_mails.host_thanks,
    "trainings.host_canceled": interest_mails.host_canceled,
}

TIMED = [
    Timed("trainings: send refunds", timedelta(minutes=5), payments.send_refunds),
    Timed("trainings: settle payments", timedelta(minutes=30), payments.settle),
    Timed("trainings: remind of pledges", timedelta(hours=1), pledges.remind),
    Timed("trainings: end offers", timedelta(minutes=1), deadlines.expire_offers),
    Timed("trainings: end unpaid holds", timedelta(minutes=1), deadlines.expire_unpaid),
    Timed("trainings: remind", timedelta(minutes=1), deadlines.remind),
    Timed("trainings: forget unconfirmed", timedelta(days=1), deadlines.forget_unconfirmed),
    Timed("trainings: forget wishes", timedelta(days=1), interest.forget),
    Timed("trainings: anonymise", timedelta(days=1), retention.anonymise),
    Timed("trainings: forget offers to host", timedelta(days=1), retention.forget_offers),
]

AUDIENCES = {
    "trainings.offering": audiences.REGISTERED,
    "trainings.news": audiences.WAITING_FOR_NEWS,
}

KEEPS = [retention.why_kept]

DATA = [own.data]
ERASE = [erasure.ERASE]
PRIVACY = privacy.PRIVACY
IMPERSONAL = privacy.IMPERSONAL

PAPERS = [sample_agenda.papers]

WORK = [
    work.of_seats,
    work.of_days,
    work.of_codes,
    work.of_pledges,
    work.of_money,
    work.of_hosts,
]

FIGURES = [
    figures.sign_ups,
    figures.attendance,
    figures.credit,
    figures.pledges_made,
    figures.pledges_kept,
]

SEED = seed.load
