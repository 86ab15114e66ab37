from django.db import models

from generations.models.attempts import Attempt
from generations.models.generations import Generation


class Format(models.TextChoices):
    PNG = "png"
    JPEG = "jpeg"
    WEBP = "webp"


class Image(models.Model):
    """The picture as it is served: the provider's bytes, untouched, wherever they are one clean picture.

    Where they are not (an animation, an AVIF, bytes behind the end), `path`, `sha256`, `format` and `size` are those of
    the file that was made of them, and what came lies untouched under `received_path`, which nothing serves. All paths
    are names in the picture storage.
    """

    generation = models.OneToOneField(Generation, models.PROTECT, related_name="image")
    attempt = models.OneToOneField(Attempt, models.PROTECT, related_name="image")
    path = models.CharField(max_length=200, unique=True)
    sha256 = models.CharField(max_length=64, db_index=True)
    # What the bytes are; the format that was asked for stands in the generation's parameters.
    format = models.CharField(max_length=4, choices=Format.choices)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    size = models.PositiveIntegerField(help_text="bytes")
    placeholder = models.TextField(blank=True, help_text="a tiny WebP as data URI")
    # Set with the rows of the thumbnails; a migration that adds a width clears it. Ones that could not be made are
    # tried again by the sweeper, but not for ever.
    thumbnails_made = models.BooleanField(default=False)
    thumbnails_rung_at = models.DateTimeField(null=True, blank=True)
    thumbnail_tries = models.PositiveSmallIntegerField(default=0)
    # All three are empty where the provider's bytes are what is served. The defaults are the database's, for workers of
    # the release before, which go on storing pictures while this one is put in place.
    received_path = models.CharField(max_length=200, blank=True, default="", db_default="")
    received_sha256 = models.CharField(max_length=64, blank=True, default="", db_default="")
    received_note = models.CharField(
        max_length=200, blank=True, default="", db_default="", help_text="what was made of the bytes that came"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(format__in=Format.values), name="image_format_is_known")
        ]
        indexes = [
            # The sweeper's question every few seconds; hardly ever a picture is in it.
            models.Index(
                fields=["thumbnail_tries"], condition=models.Q(thumbnails_made=False), name="image_without_thumbnails"
            ),
            # "Was this made here?" of the bytes that came. Not partial: SQLite would not see that it may be used.
            models.Index(fields=["received_sha256"], name="image_received_as"),
        ]

    def __str__(self) -> str:
        return self.path

    @property
    def content_type(self) -> str:
        return f"image/{self.format}"


class Thumbnail(models.Model):
    """A WebP derived from an image; `nominal` is the width it was made for, `width` what it became."""

    image = models.ForeignKey(Image, models.CASCADE, related_name="thumbnails")
    nominal = models.PositiveIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    size = models.PositiveIntegerField(help_text="bytes")
    path = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["image", "nominal"], name="thumbnail_once_per_width")]

    def __str__(self) -> str:
        return self.path
