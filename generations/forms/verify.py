"""The form that takes a file or its SHA-256 to find its origin."""

import re

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generations.imaging import ProvenanceTraces, traces

MAX_HASH_LENGTH = 300


class VerifyForm(forms.Form):
    """A file or a hash; `traces` is set when the form is valid.

    A file takes precedence over a hash, and is read here and nowhere else.
    """

    file = forms.FileField(required=False, error_messages={"empty": gettext_lazy("This file is empty.")})
    sha256 = forms.CharField(required=False, max_length=MAX_HASH_LENGTH)

    traces: ProvenanceTraces

    def clean_sha256(self) -> str:
        """Accept the output of `sha256sum` as well: the hash, then the name of the file."""
        text = str(self.cleaned_data["sha256"])
        word = next(iter(text.lower().removeprefix("sha256:").split()), "")
        if word and not re.fullmatch(r"[0-9a-f]{64}", word):
            sentence = _("“%(text)s” isn't a SHA-256 hash. Enter 64 characters, 0–9 and a–f.")
            raise forms.ValidationError(sentence, params={"text": f"{text[:70]}{'…' * (len(text) > 70)}"})
        return word

    def clean(self) -> None:
        file, sha256 = self.cleaned_data.get("file"), self.cleaned_data.get("sha256")
        if file:
            self.traces = traces(file.read())
        elif sha256:
            self.traces = ProvenanceTraces(sha256, (), signed=False)
        elif not self.errors:
            raise forms.ValidationError(_("Choose a file, or enter its SHA-256."))
