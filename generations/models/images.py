from django.db import models

from generations.models.attempts import Attempt
from generations.models.generations import Generation


class Format(models.TextChoices):
    PNG = "png"
    JPEG = "jpeg"
    WEBP = "webp"


class Image(models.Model):
    """The provider's bytes, untouched. `path` and the thumbnails' paths are names in the picture storage."""

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
