"""The list of blocked words, one word or phrase a line."""

from django import forms

from generations.services.orders.blocked_words import MAX_WORD_LENGTH, MAX_WORDS


class BlockedWordsForm(forms.Form):
    # Longer than any list that is allowed; without an end a request could send as much as the server reads.
    words = forms.CharField(required=False, max_length=4 * MAX_WORDS * MAX_WORD_LENGTH)

    def clean_words(self) -> list[str]:
        # Not `splitlines`, which knows more ends of a line than a browser sends.
        return str(self.cleaned_data["words"]).replace("\r", "\n").split("\n")
