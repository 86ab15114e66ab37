"""What a person changes about herself."""

from generations.models import User


def rename(*, user: User, name: str) -> None:
    User.objects.filter(pk=user.pk).update(name=name)
