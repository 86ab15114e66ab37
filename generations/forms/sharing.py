"""The forms that create or change a share link, and report a picture."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generations.models import ReportReason, ShareLink
from generations.services.sharing.reports import MAX_NOTE_LENGTH
from generations.services.sharing.share_links import LinkTerms

DAYS = {"1": gettext_lazy("1 day"), "7": gettext_lazy("7 days"), "30": gettext_lazy("30 days")}
UNTIL_DATE, NEVER, USUAL = "until", "never", "30"
SWITCHES = ("allow_download", "show_prompt", "show_names")
MAX_LIFETIME = timedelta(days=366)
MIN_PASSWORD_LENGTH = 8
NO_DATE = gettext_lazy("Choose an expiry date.")


class ShareForm(forms.Form):
    """The options of a link; `terms` is set when the form is valid.

    `link` is the one to change. Without it the form begins with the options of `last`, except for its password.
    """

    expires = forms.ChoiceField(required=False)
    until = forms.DateField(required=False, error_messages={"invalid": NO_DATE})
    protected = forms.BooleanField(required=False)
    password = forms.CharField(required=False, strip=False, max_length=200)
    allow_download = forms.BooleanField(required=False)
    show_prompt = forms.BooleanField(required=False)
    show_names = forms.BooleanField(required=False)

    terms: LinkTerms

    def __init__(
        self, data: Any = None, *, may_never: bool, link: ShareLink | None = None, last: ShareLink | None = None
    ) -> None:
        self.link = link
        super().__init__(data, initial=_initial(link, last))
        self.choices = {value: str(label) for value, label in DAYS.items()} | {UNTIL_DATE: _("On a date")}
        if may_never or (link and link.expires_at is None):
            self.choices[NEVER] = _("Never")
        field = self.fields["expires"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  said for the type checker
        field.choices = list(self.choices.items())

    @property
    def chosen(self) -> str:
        """Return the choice of the end: as it was sent, else that of the link, else the usual one."""
        choice = self.data.get("expires", "") if self.is_bound else self.initial["expires"]
        return choice if choice in self.choices else USUAL

    @property
    def chosen_day(self) -> str:
        """Return what the field of the date shows: as it was sent, else the last day of the link."""
        return str(self["until"].value() or "")

    @property
    def first_day(self) -> str:
        return timezone.localdate().isoformat()

    @property
    def last_day(self) -> str:
        return (timezone.localdate() + MAX_LIFETIME).isoformat()

    @property
    def has_password(self) -> bool:
        """Return whether the link is protected already, so that an empty field keeps its password."""
        return bool(self.link and self.link.password)

    def clean(self) -> None:
        cleaned = self.cleaned_data
        if cleaned.get("expires") == UNTIL_DATE and "until" in cleaned:
            self._check_day(cleaned["until"])
        password = self._password()
        if not self.errors:
            switches = {name: cleaned[name] for name in SWITCHES}
            self.terms = LinkTerms(expires_at=self._end(), password=password, **switches)

    def refuse(self, sentence: str) -> None:
        """Add an error of the service."""
        self.add_error(None, sentence)

    def _password(self) -> str | None:
        """Return the new password, empty for none, None to keep the present one."""
        password: str = self.cleaned_data.get("password", "")
        if not self.cleaned_data.get("protected"):
            return ""
        if not password and self.has_password:
            return None
        if len(password) < MIN_PASSWORD_LENGTH:
            text = _("Use at least %(count)s characters, or turn the password off.")
            self.add_error("password", forms.ValidationError(text, params={"count": MIN_PASSWORD_LENGTH}))
        return password

    def _end(self) -> datetime | None:
        """Return when the link ends: as before where nothing else was chosen, of a date with the end of its day."""
        kind, until = self.cleaned_data["expires"] or USUAL, self.cleaned_data["until"]
        unchanged = kind == self.initial["expires"] and (kind != UNTIL_DATE or until == self.initial["until"])
        if self.link and unchanged:
            return self.link.expires_at
        if kind == NEVER:
            return None
        if kind == UNTIL_DATE:
            return timezone.make_aware(datetime.combine(until + timedelta(days=1), time.min))
        return timezone.now() + timedelta(days=int(kind))

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


def _initial(link: ShareLink | None, last: ShareLink | None) -> dict[str, Any]:
    shown = link or last
    if shown is None:
        return {"expires": USUAL, "until": None}
    options = {name: getattr(shown, name) for name in SWITCHES} | {"protected": bool(link and link.password)}
    if link is None:
        return options | {"expires": _length(shown), "until": None}
    return options | dict(zip(("expires", "until"), _remaining(link), strict=True))


def _length(last: ShareLink) -> str:
    """Return the choice that the link was created with, the usual one where that was a date."""
    if last.expires_at is None:
        return NEVER
    days = str(round((last.expires_at - last.created_at) / timedelta(days=1)))
    return days if days in DAYS else USUAL


def _remaining(link: ShareLink) -> tuple[str, date | None]:
    """Return the choice that means the link's end if it is made today, and the link's last day."""
    if link.expires_at is None:
        return NEVER, None
    last_day = timezone.localdate(link.expires_at - timedelta(microseconds=1))
    days = str((timezone.localdate(link.expires_at) - timezone.localdate()).days)
    return days if days in DAYS else UNTIL_DATE, last_day
