"""“Was this made here?”: the pictures that belong to a file or its hash. The file is not kept."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from generations.conf import conf
from generations.forms.verify import VerifyForm
from generations.imaging import ProvenanceTraces
from generations.models import Generation, User, name_in
from generations.permissions import Verb, allows, role_of
from generations.queries.provenance.provenance import generations_matching
from generations.services.site import rate_limits
from generations.views.cards.cards import image_of
from generations.views.site.formatting import day_and_clock, shortened
from generations.views.site.rendering import render_page
from generations.views.site.requests import enter_team

ORIGINAL = "It is the untouched original: every byte is as the provider sent it."
SERVED = "It is the picture as this site shows it, without a mark."
COPY = "It is a copy that was downloaded here: the mark “AI-generated” was added, and the pixels are the original’s."
HASH = "An original with this SHA-256 is in the gallery."
UNKNOWN = "Nothing that you may see has these bytes."
OURS = (
    "It carries the mark “AI-generated” of HiDream Gallery, though: it is a thumbnail, was changed after it left, or"
    " comes from a picture that you may not see, or from another site."
)
SIGNED = "It carries a C2PA manifest; a reader of Content Credentials tells who signed it."


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
        most_words=f"{conf().largest_upload // 1_048_576} MB",
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
        signed=SIGNED if asked.signed else "",
        pictures=[_picture(row) for row in rows],
    )


def _sentence(rows: list[Generation], asked: ProvenanceTraces, *, by_hash: bool) -> str:
    if not rows:
        return f"{UNKNOWN} {OURS}" if asked.marked else UNKNOWN
    if by_hash:
        return HASH
    image = image_of(rows[0])
    if image is None or asked.sha256 not in {image.sha256, image.received_sha256}:
        return COPY
    return f"{SERVED} {image.received_note}" if image.received_sha256 not in {"", asked.sha256} else ORIGINAL


def _picture(row: Generation) -> FoundPicture:
    return FoundPicture(
        url=f"/g/{row.id}/",
        src=f"/g/{row.id}/thumb/320.webp",
        alt=f"AI-generated image: {shortened(row.prompt, 120)}",
        prompt=shortened(row.prompt, 200),
        made=f"{name_in(row, 'author')} · {day_and_clock(row.created_at)}",
        team=row.team.name,
        in_trash=row.deleted_at is not None,
    )
