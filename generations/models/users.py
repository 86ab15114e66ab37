from typing import Any

from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from generations.models.folded import FoldedField, FoldedQuerySet

THUMBNAIL_SIZES = 5


class UserManager(BaseUserManager["User"]):
    use_in_migrations = True

    def get_queryset(self) -> FoldedQuerySet["User"]:
        return FoldedQuerySet(self.model, using=self._db)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").strip().lower())

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, **{**fields, "is_staff": True, "is_superuser": True})


class Digest(models.TextChoices):
    """How often a user's notifications are emailed."""

    OFF = "off", _("Never")
    HOURLY = "hourly", _("At most once an hour")
    DAILY = "daily", _("At most once a day")


class User(AbstractUser):
    """A user; the email address, in lower case, is the login."""

    username = None  # type: ignore[assignment]  # the e-mail takes its place
    first_name = None  # type: ignore[assignment]  # one name, as the person writes it
    last_name = None  # type: ignore[assignment]
    email = models.EmailField(_("email address"), unique=True)
    name = models.CharField(max_length=100, blank=True)
    folded_name = FoldedField("name")
    digest = models.CharField(max_length=6, choices=Digest.choices, default=Digest.DAILY, db_default=Digest.DAILY)
    digest_at = models.DateTimeField(null=True, blank=True, editable=False)

    # How large thumbnails of the gallery are, in five steps.
    thumbnail_size = models.PositiveSmallIntegerField(default=3, db_default=3, editable=False)

    # Created by the demo: signs in only while the site is a demo.
    demo = models.BooleanField(default=False, db_default=False, editable=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = []
    objects = UserManager()  # type: ignore[misc,assignment]  # the manager of the parent speaks of usernames

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(thumbnail_size__range=(1, THUMBNAIL_SIZES)), name="user_thumbnail_size_in_range"
            ),
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="user_email_in_lower_case"),
            models.CheckConstraint(condition=models.Q(digest__in=Digest.values), name="user_digest_is_known"),
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def display_name(self) -> str:
        return self.name or self.email.split("@")[0]

    @property
    def initials(self) -> str:
        words = self.display_name.replace(".", " ").split()
        return "".join(word[0] for word in words[:2]).upper()

    def get_full_name(self) -> str:
        return self.display_name

    def get_short_name(self) -> str:
        return self.display_name

    def clean(self) -> None:
        self.email = self.email.strip().lower()
