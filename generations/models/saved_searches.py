from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from generations.models.teams import Team


class SavedSearch(models.Model):
    """The filters of a gallery's address, under a name.

    `parameters` are the filters as parsed, not as typed; each reader's permissions are checked whenever it is opened.
    """

    team = models.ForeignKey(Team, models.CASCADE, related_name="saved_searches")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_searches")
    name = models.CharField(max_length=60)
    parameters = models.JSONField()
    # True: shown to everybody in the team; False: to its author alone.
    shared = models.BooleanField(default=False)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name_plural = _("saved searches")

    def __str__(self) -> str:
        return self.name
