"""The part of the composer and of the parameter grid that reads the wildcards of a prompt."""

from django import forms
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from generations import schema
from generations.models import format_estimate
from generations.queries.spending.prices import price_estimate
from generations.services.orders import wildcards
from generations.services.orders.parameter_grid import MAX_CELLS

MAX_SHOWN = 1_000_000  # pictures; a longer number says no more


class WildcardsForm(forms.Form):
    """Refuses a prompt that stands for several prompts, with their price; the page of the grid generates those.

    `reviews` is true then, and the page shows a button to the grid.
    """

    model: schema.ParameterSchema
    reviews = False

    def read_wildcards(self, values: schema.Values) -> None:
        """Put the prompt that is generated into the values, without escapes."""
        template, name = self.template_of(values), self.prompt_name
        if template is None:
            return
        if template.count == 1:
            values[name] = template.wordings[0].prompt
            return
        count = template.count * int(self.cleaned_data["count"])
        if self.refuse_too_many(count):
            return
        price = format_estimate(price_estimate(self.model, *self._kind(values)).usual * count)
        text = ngettext(
            "This prompt has wildcards: %(count)s picture · %(price)s. Review the batch before you generate it.",
            "This prompt has wildcards: %(count)s pictures · %(price)s. Review the batch before you generate it.",
            count,
        )
        self.add_error(name, text % {"count": count, "price": price})
        self.reviews = True

    def template_of(self, values: schema.Values) -> wildcards.Template | None:
        """Return the wildcards of the prompt; None without a prompt, or with an error when they cannot be read."""
        if not self.prompt_name:
            return None
        try:
            return wildcards.parse(str(values.get(self.prompt_name, "")))
        except wildcards.WildcardError as error:
            self.add_error(self.prompt_name, error.message)
            return None

    def refuse_too_many(self, count: int) -> bool:
        if count <= MAX_CELLS:
            return False
        text = _("The wildcards in this prompt make %(count)s pictures; the maximum is %(most)s. Use fewer choices.")
        shown = number_format(min(count, MAX_SHOWN), force_grouping=True)
        said = {"count": shown if count <= MAX_SHOWN else f"> {shown}", "most": MAX_CELLS}
        self.add_error(self.prompt_name, text % said)
        return True

    @property
    def prompt_name(self) -> str:
        """Return the name of the prompt's field; empty for a model without one."""
        parameter = self.model.by_role("prompt")
        return parameter.name if parameter else ""

    def _kind(self, values: schema.Values) -> tuple[str, str]:
        """Return the short names of size and speed, which decide the price."""
        found = [(p := self.model.by_role(role)) and p.option(values.get(p.name)) for role in ("size", "speed")]
        size, speed = (option.name if option else "" for option in found)
        return size, speed
