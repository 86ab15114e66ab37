"""The form of a team's first live picture."""

from django import forms

from generations import schema


class FirstPictureForm(forms.Form):
    # The schema decides what is missing or too long.
    prompt = forms.CharField(required=False)

    def clean_prompt(self) -> str:
        """Return the prompt. Raises ValidationError with the sentence of the schema when the model refuses it."""
        text: str = self.cleaned_data["prompt"]
        model = schema.get()
        parameter = model.by_role("prompt")
        if parameter is None:
            return ""
        values, errors = schema.clean(model, {parameter.name: text})
        if parameter.name in errors:
            raise forms.ValidationError(errors[parameter.name])
        return str(values[parameter.name])
