"""Everything that pages show around their content."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.formats import date_format
from django.utils.functional import cached_property

from generations.access import last_team
from generations.conf import conf
from generations.models import Team, User
from generations.permissions import Verb, allows, role_of
from generations.queries.activity.notifications import unread_count
from generations.queries.orders.approvals import pending_count
from generations.queries.orders.queue import queue_counts
from generations.queries.provider.balance import low_balance
from generations.queries.spending.review import CreditLeft
from generations.queries.spending.statement import month_to_sign_off
from generations.queries.spending.team_totals import spent_this_month
from generations.queries.teams.teams import teams_of
from generations.views.site.banner import StatusBanner, notice_for
from generations.views.site.formatting import dollars
from generations.views.site.unsent_forms import token_of_form
from hidream_site.version import VERSION

THEMES = {"light", "dark"}
PAGES = (
    "gallery", "collections", "queue", "trash", "people", "account", "provider", "verify", "links", "tags",
    "provenance", "activity", "view_history", "credits", "all_credits",
    "audit_log", "blocked_words", "reports", "help",
)  # fmt: skip
NAV = {name: name.replace("_", " ") for name in PAGES}
NAV |= {"approvals": "approvals", "limits": "limits", "sign_offs": "sign-offs", "sign_off": "sign-offs"}
NAV |= {"collection": "collections", "saved_search": "gallery", "compare": "gallery"}
NAV |= {"credits_entries": "credits", "keep_rate": "credits"}
NAV |= {"help_page": "help"}
NAV |= {"parameter_grid": "gallery", "batch": "queue"}
# Pages of a section, whose link in the bar is the current one.
SETTINGS = ("people", "tags", "links", "provenance", "blocked words", "reports", "audit log")
SECTIONS = dict.fromkeys(("limits", "sign-offs", "approvals"), "credits") | dict.fromkeys(SETTINGS, "team settings")
# What the menu More leads to.
MORE = {"activity", "verify", "trash", "team settings"}


@dataclass(frozen=True)
class TeamLink:
    name: str
    url: str
    current: bool
    slug: str
    queue_url: str = ""
    trash_url: str = ""
    people_url: str = ""
    links_url: str = ""
    collections_url: str = ""
    activity_url: str = ""
    selection_url: str = ""
    credits_url: str = ""


class SiteContext:
    """The context variable `site`; each value is queried only when a template uses it."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @cached_property
    def user(self) -> User | None:
        user = getattr(self.request, "user", None)
        return user if isinstance(user, User) else None

    @cached_property
    def _team(self) -> Team | None:
        """Return the team that the view has set; for other pages the last used one."""
        team = getattr(self.request, "team", None)
        if isinstance(team, Team):
            return team
        return last_team(self.user) if self.user else None

    @cached_property
    def team(self) -> TeamLink | None:
        return _link(self._team, current=True) if self._team else None

    @cached_property
    def teams(self) -> list[TeamLink]:
        teams = teams_of(self.user) if self.user else []
        return [_link(team, current=team == self._team) for team in teams]

    @property
    def version(self) -> str:
        return VERSION

    @property
    def here(self) -> str:
        """Return the URL that shows this page again; forms send it as `next`."""
        return str(getattr(self.request, "here", "") or self.request.get_full_path())

    @cached_property
    def user_key(self) -> str:
        """Return a key of the user for the script that keeps drafts; it gives access to nothing."""
        if not self.user:
            return ""
        return salted_hmac("generations.drafts", str(self.user.pk), algorithm="sha256").hexdigest()[:16]

    @cached_property
    def form_token(self) -> str:
        return token_of_form(self.user, self.here) if self.user else ""

    @cached_property
    def theme(self) -> str:
        theme = self.request.COOKIES.get("theme", "")
        return theme if theme in THEMES else ""

    @property
    def nav(self) -> str:
        match = self.request.resolver_match
        return NAV.get(match.url_name or "", "") if match else ""

    @property
    def section(self) -> str:
        return SECTIONS.get(self.nav, self.nav)

    @property
    def more_pages(self) -> set[str]:
        """Return the pages and sections in the menu More."""
        return MORE

    @cached_property
    def queue(self) -> dict[str, int]:
        if self.user is None or self._team is None:
            return {"mine": 0, "all": 0}
        mine, everybody = queue_counts(self._team, self.user)
        return {"mine": mine, "all": everybody}

    @cached_property
    def unread(self) -> int:
        """Return the number of unread notifications, counted up to what the badge shows."""
        return unread_count(self.user) if self.user else 0

    @cached_property
    def _role(self) -> str | None:
        return role_of(self.user, self._team) if self.user and self._team else None

    @property
    def can_create(self) -> bool:
        return allows(self._role, Verb.CREATE)

    @property
    def keeps_tags(self) -> bool:
        return allows(self._role, Verb.MERGE_TAGS)

    @property
    def reviews_spending(self) -> bool:
        return allows(self._role, Verb.REVIEW)

    @cached_property
    def pending_requests(self) -> int:
        """Return how many requests wait for the user's decision, or for a decision about their own ones."""
        if self.user is None or self._team is None:
            return 0
        return pending_count(self._team, self.user, self._role)

    @cached_property
    def month_to_sign_off(self) -> str:
        """Return the name of the last month while it is not signed off; empty without one."""
        first = month_to_sign_off(self._team) if self._team else None
        return date_format(first, "F") if first else ""

    @property
    def moderates(self) -> bool:
        return allows(self._role, Verb.MODERATE)

    @property
    def owns_team(self) -> bool:
        return allows(self._role, Verb.OWN)

    @property
    def makes_teams(self) -> bool:
        """Return the answer of `may_create_team`, without a query about other teams on every page."""
        return self.runs_the_site or (conf().everybody_makes_teams and self.can_create)

    @cached_property
    def notice(self) -> StatusBanner | None:
        """Return the banner; visitors without an account do not get it."""
        return notice_for(self.user) if self.user else None

    @cached_property
    def low_balance(self) -> CreditLeft | None:
        """Return the low balance of the provider account; for superusers only."""
        return low_balance() if self.runs_the_site else None

    @property
    def runs_the_site(self) -> bool:
        return bool(self.user and self.user.is_superuser)

    @property
    def emulated(self) -> bool:
        return conf().emulated

    @cached_property
    def spent(self) -> str:
        """Return what the team has spent this month."""
        return dollars(spent_this_month(self._team), places=2) if self._team else ""

    @property
    def request_id(self) -> str:
        return str(getattr(self.request, "request_id", ""))


def site(request: HttpRequest) -> dict[str, SiteContext]:
    return {"site": SiteContext(request)}


def _link(team: Team, *, current: bool) -> TeamLink:
    def url(name: str) -> str:
        return reverse(name, args=[team.slug])

    names = ("queue", "trash", "people", "links", "collections", "activity", "selection", "credits")
    return TeamLink(team.name, url("gallery"), current, team.slug, *map(url, names))
