"""The admin as a whole: its titles, and the headings under which its index and its sidebar list the models."""

from typing import Any

from django.contrib.admin.apps import AdminConfig
from django.contrib.admin.sites import AdminSite
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

# By the name of the model, in the order of the page.
GROUPS = (
    (_("Pictures"), ("generation", "attempt", "image", "sharelink")),
    (_("Money"), ("ledgerentry", "budget", "sitelimit", "approvalrequest", "signoff")),
    (_("People"), ("user", "team", "auditevent")),
    (_("Provider"), ("providerpause", "balancereading")),
)


class GalleryAdminSite(AdminSite):
    site_header = site_title = "HiDream Gallery"
    index_title = _("Site administration")
    empty_value_display = "–"

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Return what every page has; Django leaves `opts` and `subtitle` out of some."""
        context: dict[str, Any] = super().each_context(request)
        return context | {"opts": None, "subtitle": None}

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Return the groups in the place of apps: all models are of one app."""
        apps: list[Any] = super().get_app_list(request, app_label)
        models = {one["model"]._meta.model_name: one for app in apps for one in app["models"]}
        groups = [{"name": name, "models": [models[key] for key in keys if key in models]} for name, keys in GROUPS]
        return [group for group in groups if group["models"]]

    def app_index(self, request: HttpRequest, app_label: str, extra_context: Any = None) -> HttpResponseRedirect:  # type: ignore[override]  # a redirect instead of a page
        """Redirect to the index, which lists the same models."""
        return HttpResponseRedirect(reverse("admin:index"))


class GalleryAdminConfig(AdminConfig):
    default_site = "hidream_site.admin_site.GalleryAdminSite"
