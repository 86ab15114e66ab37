"""The forms that create a share link and report a picture."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generations.models import ReportReason
from generations.services.sharing.reports import MAX_NOTE_LENGTH
from generations.services.sharing.share_links import LinkTerms

DAYS = {"1": gettext_lazy("After 1 day"), "7": gettext_lazy("After 7 days"), "30": gettext_lazy("After 30 days")}
UNTIL_DATE, NEVER, USUAL = "until", "never", "30"
MAX_LIFETIME = timedelta(days=366)
MIN_PASSWORD_LENGTH = 8
NO_DATE = gettext_lazy("Choose an expiry date.")


class ShareForm(forms.Form):
    """The options of a new link; `terms` is set when the form is valid."""

    expires = forms.ChoiceField(required=False)
    until = forms.DateField(required=False, error_messages={"invalid": NO_DATE})
    password = forms.CharField(required=False, strip=False, max_length=200)
    allow_download = forms.BooleanField(required=False)
    show_prompt = forms.BooleanField(required=False)
    show_names = forms.BooleanField(required=False)

    terms: LinkTerms

    def __init__(self, data: Any = None, *, may_never: bool) -> None:
        super().__init__(data)
        self.choices = {value: str(label) for value, label in DAYS.items()} | {UNTIL_DATE: _("On a date")}
        if may_never:
            self.choices[NEVER] = _("Never")
        field = self.fields["expires"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  said for the type checker
        field.choices = list(self.choices.items())

    @property
    def chosen(self) -> str:
        """Return the submitted choice of the end, else the usual one."""
        sent = self.data.get("expires", "") if self.is_bound else ""
        return sent if sent in self.choices else USUAL

    @property
    def first_day(self) -> str:
        return timezone.localdate().isoformat()

    @property
    def last_day(self) -> str:
        return (timezone.localdate() + MAX_LIFETIME).isoformat()

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if 0 < len(password) < MIN_PASSWORD_LENGTH:
            text = _("Use at least %(count)s characters, or leave it empty for no password.")
            raise forms.ValidationError(text, params={"count": MIN_PASSWORD_LENGTH})
        return password

    def clean(self) -> None:
        if self.cleaned_data.get("expires") == UNTIL_DATE and "until" in self.cleaned_data:
            self._check_day(self.cleaned_data["until"])
        if not self.errors:
            cleaned = dict(self.cleaned_data)
            kind, until = cleaned.pop("expires") or USUAL, cleaned.pop("until")
            self.terms = LinkTerms(expires_at=_end(kind, until), **cleaned)

    def refuse(self, sentence: str) -> None:
        """Add an error of the service."""
        self.add_error(None, sentence)

    def _check_day(self, day: date | None) -> None:
        today = timezone.localdate()
        if day is None:
            self.add_error("until", NO_DATE)
        elif day < today:
            self.add_error("until", _("This date has passed. Choose a later one."))
        elif day > today + MAX_LIFETIME:
            self.add_error("until", _("Links can last up to a year. Choose an earlier date."))


class ReportForm(forms.Form):
    """Why a picture is reported."""

    reason = forms.ChoiceField(
        choices=ReportReason.choices,
        error_messages={
            "required": gettext_lazy("Choose a reason."), "invalid_choice": gettext_lazy("Choose a reason."),
        },
    )  # fmt: skip
    note = forms.CharField(required=False)

    def clean_note(self) -> str:
        note = str(self.cleaned_data["note"])
        if len(note) > MAX_NOTE_LENGTH:
            lengths = {"length": len(note), "most": MAX_NOTE_LENGTH}
            raise forms.ValidationError(
                _("The note has %(length)s characters; the maximum is %(most)s. Shorten it."), params=lengths
            )
        return note

    def typed(self, name: str) -> str:
        """Return what was sent in this field."""
        return str(self.data.get(name, "")) if self.is_bound else ""


def _end(kind: str, until: date | None) -> datetime | None:
    """Return the end of the link; it works until the end of the chosen day."""
    if kind == NEVER:
        return None
    if kind == UNTIL_DATE and until is not None:
        return timezone.make_aware(datetime.combine(until + timedelta(days=1), time.min))
    return timezone.now() + timedelta(days=int(kind))
