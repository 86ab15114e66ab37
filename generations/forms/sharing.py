"""The form that creates a share link."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from generations.services.sharing.share_links import LinkTerms

DAYS = {"1": "1 day", "7": "7 days", "30": "30 days"}
UNTIL_DATE, NEVER, USUAL = "until", "never", "30"
MAX_LIFETIME = timedelta(days=366)
MIN_PASSWORD_LENGTH = 8
PASSWORD_LENGTH = f"A password has {MIN_PASSWORD_LENGTH} or more characters; leave it empty for none."
NO_DATE = "Choose the last day on which the link works."
PAST = "This day is over; choose a later one."
TOO_FAR = "A year is the longest; make another link when it is over."


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
        never = {NEVER: "Never"} if may_never else {}
        self.choices = {**DAYS, UNTIL_DATE: "A date", **never}
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
            raise forms.ValidationError(PASSWORD_LENGTH)
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
            self.add_error("until", PAST)
        elif day > today + MAX_LIFETIME:
            self.add_error("until", TOO_FAR)


def _end(kind: str, until: date | None) -> datetime | None:
    """Return the end of the link; it works until the end of the chosen day."""
    if kind == NEVER:
        return None
    if kind == UNTIL_DATE and until is not None:
        return timezone.make_aware(datetime.combine(until + timedelta(days=1), time.min))
    return timezone.now() + timedelta(days=int(kind))
