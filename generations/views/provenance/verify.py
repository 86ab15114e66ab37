"""“Was this made here?”: the pictures that belong to a file or its hash. The file is not kept."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from generations.conf import conf
from generations.forms.verify import VerifyForm
from generations.imaging import ProvenanceTraces
from generations.models import Generation, User, name_in
from generations.permissions import Verb, allows, role_of
from generations.queries.provenance.provenance import generations_matching
from generations.services.site import rate_limits
from generations.views.cards.cards import image_of
from generations.views.site.formatting import day_and_clock, number, shortened
from generations.views.site.rendering import render_page
from generations.views.site.requests import enter_team

ORIGINAL = gettext_lazy("This is the untouched original: every byte is as the provider sent it.")
SERVED = gettext_lazy("This is the picture as this site shows it, without AI metadata.")
COPY = gettext_lazy("This is a copy downloaded here: AI metadata was added, and the pixels match the original.")
HASH = gettext_lazy("An original with this SHA-256 is in the gallery.")
UNKNOWN = gettext_lazy("No match in the pictures you can access.")
OURS = gettext_lazy(
    "The file has HiDream Gallery's AI metadata, though. It may be a thumbnail, an edited copy, a picture you can't"
    " access, or a picture from another site."
)
SIGNED = gettext_lazy("It contains a C2PA manifest. A Content Credentials reader shows who signed it.")


@dataclass(frozen=True)
class FoundPicture:
    url: str
    src: str
    alt: str
    prompt: str
    made: str
    team: str
    in_trash: bool


@dataclass(frozen=True)
class VerifyAnswer:
    """The answer, which is the same for files from elsewhere and for pictures that the user may not see.

    What the file says about itself is no secret.
    """

    yes: bool
    sentence: str
    name: str
    sha256: str
    signed: str
    pictures: list[FoundPicture]


@dataclass(frozen=True)
class VerifyPage:
    form: VerifyForm
    most: int
    most_words: str
    may_choose: bool
    too_large: bool
    answer: VerifyAnswer | None


@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest, team: str) -> HttpResponse:
    user, row = enter_team(request, team)
    if request.FILES:
        # Counted before the file is inspected, because inspecting it is the expensive part.
        rate_limits.acquire("upload", user=user)
    form = _form(request)
    too_large = _is_too_large(request)
    answer = _answer(user, form) if not too_large and form.is_bound and form.is_valid() else None
    page = VerifyPage(
        form=form,
        most=conf().largest_upload,
        most_words=_("%(size)s MB") % {"size": number(conf().largest_upload // 1_048_576)},
        may_choose=allows(role_of(user, row), Verb.OWN),
        too_large=too_large,
        answer=answer,
    )
    status = 413 if too_large else 422 if form.is_bound and answer is None else 200
    return render_page(request, "provenance/verify.html", page, status=status)


def _form(request: HttpRequest) -> VerifyForm:
    if request.method == "POST":
        return VerifyForm(request.POST, request.FILES)
    return VerifyForm(request.GET) if "sha256" in request.GET else VerifyForm()


def _is_too_large(request: HttpRequest) -> bool:
    """Return whether the upload is too large; Django has then discarded the file, and the form looks empty."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    return request.method == "POST" and length.isdigit() and int(length) > conf().largest_upload


def _answer(user: User, form: VerifyForm) -> VerifyAnswer:
    asked = form.traces
    rows = generations_matching(user, [asked.sha256, *asked.before])
    file = form.cleaned_data.get("file")
    return VerifyAnswer(
        yes=bool(rows),
        sentence=_sentence(rows, asked, by_hash=not file),
        name=shortened(file.name, 60) if file else "",
        sha256=asked.sha256,
        signed=str(SIGNED) if asked.signed else "",
        pictures=[_picture(row) for row in rows],
    )


def _sentence(rows: list[Generation], asked: ProvenanceTraces, *, by_hash: bool) -> str:
    if not rows:
        return f"{UNKNOWN} {OURS}" if asked.marked else str(UNKNOWN)
    if by_hash:
        return str(HASH)
    image = image_of(rows[0])
    if image is None or asked.sha256 not in {image.sha256, image.received_sha256}:
        return str(COPY)
    return f"{SERVED} {image.received_note}" if image.received_sha256 not in {"", asked.sha256} else str(ORIGINAL)


def _picture(row: Generation) -> FoundPicture:
    return FoundPicture(
        url=f"/g/{row.id}/",
        src=f"/g/{row.id}/thumb/320.webp",
        alt=_("AI-generated image: %(prompt)s") % {"prompt": shortened(row.prompt, 120)},
        prompt=shortened(row.prompt, 200),
        made=f"{name_in(row, 'author')} · {day_and_clock(row.created_at)}",
        team=row.team.name,
        in_trash=row.deleted_at is not None,
    )
