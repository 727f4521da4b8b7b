"""The hub's own mails: each function reads its rows when the mail is sent."""

from django.conf import settings
from django.urls import reverse

from hub import roles
from hub.models import Mail, User
from hub.outbox import Letter


def invited(mail: Mail) -> Letter | None:
    """To a new member of staff, with what they may do and how the first entry goes."""
    user = User.objects.filter(pk=mail.subject_id, is_active=True, is_staff=True).first()
    if user is None:
        return None
    names = set(user.groups.values_list("name", flat=True))
    context = {
        "user": user,
        "by": User.objects.filter(pk=mail.about_id).first(),
        "roles": [(name, roles.WORK[name]) for name in roles.ROLES if name in names],
        "link": f"{settings.BASE_URL}{reverse('staff')}",
    }
    return Letter(to=user.email, template="hub/mail/invited", context=context)
