"""Signing in, one's own account, and what a person sets for this browser."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from generations.access import person
from generations.forms.account import NameForm
from generations.services import accounts
from generations.services.demo import demo_people
from generations.views.chrome import THEMES
from generations.views.requests import form_only, next_of

YEAR = 365 * 24 * 3600


class SignIn(LoginView):
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(demo=demo_people(), **kwargs)


@login_not_required
@form_only
def theme(request: HttpRequest) -> HttpResponse:
    """`light`, `dark`, or anything else to follow the system again."""
    response = redirect(next_of(request) or "/")
    chosen = request.POST.get("theme", "")
    if chosen in THEMES:
        response.set_cookie("theme", chosen, max_age=YEAR, samesite="Lax", httponly=True, secure=request.is_secure())
    else:
        response.delete_cookie("theme", samesite="Lax")
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """POST changes the name."""
    user = person(request)
    form = NameForm(request.POST or None, initial={"name": user.name})
    if request.method == "POST" and form.is_valid():
        accounts.rename(user=user, name=form.cleaned_data["name"])
        messages.success(request, "Saved.")
        return redirect("account")
    return render(request, "generations/account.html", {"form": form}, status=422 if form.errors else 200)
