"""What each role of staff may do in the back office: one table for all rooms. Pure.

A model that is not in it makes a test fail: somebody decides whose work it is. The groups of
these names get exactly these rights, again at each `migrate` (hub.granting); groups that staff
make themselves stay as they are. A superuser may do everything, and only a superuser makes
somebody one, or TA staff.
"""

from collections.abc import Iterator

CURATOR, PROGRAMME, TA_STAFF, MANAGER = "Curator", "Programme", "TA staff", "Manager"
ROLES = (CURATOR, PROGRAMME, TA_STAFF, MANAGER)
WORK = {
    CURATOR: "the library and the words of pages",
    PROGRAMME: "calls and trainings",
    TA_STAFF: "requests for technical assistance",
    MANAGER: "everything but what is asked in requests, and who is staff",
}
VERBS = {"v": "view", "a": "add", "c": "change", "d": "delete", "i": "invite"}

# model: what Curator, Programme, TA staff and Manager may do with it, a letter of VERBS each.
# What only superusers and verbs touch has a row too: nobody forgot it.
TABLE: dict[str, tuple[str, str, str, str]] = {
    "hub.user": ("", "", "", "vacdi"),
    "hub.organization": ("vc", "", "", "vc"),
    "hub.closure": ("", "v", "", "vacd"),
    "hub.mail": ("", "", "", "vc"),
    # Who may change what a mail is about writes to its people.
    "hub.announcement": ("", "v", "", "v"),
    "hub.personalfeed": ("", "", "", ""),
    "hub.contentversion": ("", "", "", ""),
    "hub.seedrecord": ("", "", "", ""),
    "hub.timedwork": ("", "", "", ""),
    "hub.ratecount": ("", "", "", ""),
    # Who looked at what is for superusers.
    "hub.auditevent": ("", "", "", ""),
    "front.reading": ("vacd", "vacd", "", "vacd"),
    "calls.callseries": ("", "vac", "", "vac"),
    "calls.schedule": ("", "", "", ""),
    "calls.calldate": ("", "vc", "", "vc"),
    "calls.signup": ("", "vc", "", "vc"),
    "calls.callattendance": ("", "", "", ""),
    # Curators choose a course for its readings.
    "trainings.course": ("v", "vacd", "", "vacd"),
    "trainings.priceoption": ("", "vacd", "", "vacd"),
    "trainings.offering": ("", "vacd", "", "vacd"),
    "trainings.offeringprice": ("", "vacd", "", "vacd"),
    "trainings.activity": ("", "vacd", "", "vacd"),
    "trainings.segment": ("", "vacd", "", "vacd"),
    "trainings.approval": ("", "vacd", "", "vacd"),
    "trainings.newsrequest": ("", "vd", "", "vd"),
    "trainings.hostoffer": ("", "vcd", "", "vcd"),
    "trainings.registration": ("", "vc", "", "vc"),
    "trainings.registrationevent": ("", "v", "", "v"),
    "trainings.barnumber": ("", "vacd", "", "vacd"),
    "trainings.attendance": ("", "v", "", "v"),
    "trainings.codetry": ("", "vc", "", "vc"),
    "trainings.certificate": ("", "vc", "", "vc"),
    "trainings.reportcolumn": ("", "vacd", "", "vacd"),
    "trainings.entry": ("", "vc", "", "vc"),
    "trainings.checkoutsession": ("", "v", "", "v"),
    "trainings.refund": ("", "vc", "", "vc"),
    "trainings.paymentevent": ("", "", "", ""),
    "trainings.waivercode": ("", "vcd", "", "vcd"),
    "trainings.pledgetext": ("", "vacd", "", "vacd"),
    "trainings.pledge": ("", "vc", "", "vc"),
    "trainings.pledgeevent": ("", "v", "", "v"),
    # Programme staff choose resources for a training.
    "library.resource": ("vacd", "v", "", "vacd"),
    "library.claim": ("vacd", "", "", "vacd"),
    "library.topic": ("vacd", "", "", "vacd"),
    "library.audience": ("vacd", "", "", "vacd"),
    "library.alias": ("vacd", "", "", "vacd"),
    "library.linkhealth": ("v", "", "", "v"),
    "library.suggestion": ("vcd", "", "", "vcd"),
    "library.historicalresource": ("", "", "", ""),
    "library.historicalresource_topics": ("", "", "", ""),
    "library.historicalresource_audiences": ("", "", "", ""),
    "ta_requests.service": ("vc", "", "", "vc"),
    "ta_requests.area": ("vacd", "", "", "vacd"),
    "ta_requests.policy": ("", "", "", "vacd"),
    # To be in the group of TA staff is what opens these, and no right that somebody could give.
    "ta_requests.tarequest": ("", "", "", ""),
    "ta_requests.cycle": ("", "", "", ""),
    "ta_requests.pause": ("", "", "", ""),
    "ta_requests.message": ("", "", "", ""),
    "ta_requests.followlink": ("", "", "", ""),
    "admin.logentry": ("", "", "", ""),
    # Whoever may change a group gives themselves every right.
    "auth.group": ("", "", "", "v"),
    "auth.permission": ("", "", "", ""),
    "contenttypes.contenttype": ("", "", "", ""),
    "sessions.session": ("", "", "", ""),
    "account.emailaddress": ("", "", "", ""),
    "account.emailconfirmation": ("", "", "", ""),
    # To take a lost second step away.
    "mfa.authenticator": ("", "", "", "vd"),
}


def rights(role: str) -> Iterator[tuple[str, str]]:
    """(app, codename) of each permission of a role: ("calls", "change_signup")."""
    column = ROLES.index(role)
    for name, letters in TABLE.items():
        app, model = name.split(".")
        for letter in letters[column]:
            yield app, f"{VERBS[letter]}_{model}"
