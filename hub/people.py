"""People known by a proven e-mail address."""

from hub.models import User, normalize_email


def proven(email: str, name: str) -> User:
    """The person of an address that has just been proven; made if there was none."""
    user, _ = User.objects.get_or_create(
        email=normalize_email(email), defaults={"name": name, "password": "!"}
    )
    return user


def rename(user: User, name: str) -> None:
    User.objects.filter(pk=user.pk).update(name=name)
