"""The catalogues of translations, written and compiled in Python alone: Django's own commands need GNU gettext."""
