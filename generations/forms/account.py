"""What a person changes about herself."""

from django import forms

from generations.forms.people import LONGEST_NAME, one_line


class NameForm(forms.Form):
    name = forms.CharField(max_length=LONGEST_NAME)

    def clean_name(self) -> str:
        return one_line(self.cleaned_data["name"])
