from django.db import models
from django.utils.translation import gettext_lazy as _

from generations.models.attempts import Attempt
from generations.models.generations import Generation


class Format(models.TextChoices):
    PNG = "png", "PNG"
    JPEG = "jpeg", "JPEG"
    WEBP = "webp", "WebP"


class Image(models.Model):
    """The picture as it is served: the provider's bytes, untouched, if they are one clean picture.

    Otherwise (an animation, an AVIF, bytes behind the end) `path`, `sha256`, `format` and `size` are those of the file
    made from them, and the received bytes are kept untouched under `received_path`, which no address serves. All paths
    are names in the picture storage.
    """

    generation = models.OneToOneField(Generation, models.PROTECT, related_name="image")
    attempt = models.OneToOneField(Attempt, models.PROTECT, related_name="image")
    path = models.CharField(max_length=200, unique=True)
    sha256 = models.CharField(max_length=64, db_index=True)
    # The format of the bytes; the requested one is in the generation's parameters.
    format = models.CharField(max_length=4, choices=Format.choices)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    size = models.PositiveIntegerField(help_text=_("bytes"))
    placeholder = models.TextField(blank=True, help_text=_("a tiny WebP as data URI"))
    # Set with the rows of the thumbnails; a migration that adds a width clears it. The sweeper retries failed ones, but
    # not for ever.
    thumbnails_made = models.BooleanField(default=False)
    thumbnails_enqueued_at = models.DateTimeField(null=True, blank=True)
    thumbnail_tries = models.PositiveSmallIntegerField(default=0)
    # All three are empty when the provider's bytes are what is served.
    received_path = models.CharField(max_length=200, blank=True)
    received_sha256 = models.CharField(max_length=64, blank=True)
    received_note = models.CharField(max_length=200, blank=True, help_text=_("how the received file was converted"))
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(format__in=Format.values), name="image_format_is_known")
        ]
        indexes = [
            # The sweeper's query every few seconds; it rarely finds a picture.
            models.Index(
                fields=["thumbnail_tries"], condition=models.Q(thumbnails_made=False), name="image_without_thumbnails"
            ),
            # "Was this made here?" for received bytes. Not partial, because SQLite would not use it then.
            models.Index(fields=["received_sha256"], name="image_received_as"),
        ]

    def __str__(self) -> str:
        return self.path

    @property
    def content_type(self) -> str:
        return f"image/{self.format}"


class Thumbnail(models.Model):
    """A WebP derived from an image; `nominal` is the width of its slot, `width` its actual one."""

    image = models.ForeignKey(Image, models.CASCADE, related_name="thumbnails")
    nominal = models.PositiveIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    size = models.PositiveIntegerField(help_text=_("bytes"))
    path = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["image", "nominal"], name="thumbnail_once_per_width")]

    def __str__(self) -> str:
        return self.path
