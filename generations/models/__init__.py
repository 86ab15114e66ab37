"""What we remember."""

from generations.models.activity import Activity, ActivityKind
from generations.models.approval_requests import BatchRequest, RequestState
from generations.models.attempts import NEVER_SENT, OPEN, Attempt, AttemptState, CostSource, Rejection
from generations.models.audit import AuditEvent, Deed
from generations.models.collections import Collection, CollectionItem, Order
from generations.models.comments import Comment
from generations.models.favourites import Favourite
from generations.models.finding import SavedSearch, Viewing
from generations.models.generations import MOVES, Generation, GenerationQuerySet, State
from generations.models.ids import first_id_at, id_at, id_from, time_of, uuid7
from generations.models.images import Format, Image, Thumbnail
from generations.models.invitations import Invitation
from generations.models.ledger import HELD, SPENT, Budget, Kind, LedgerEntry, SiteLimit, Span
from generations.models.notifications import Notification, NotificationKind, NotificationSwitch, ReviewLetter
from generations.models.prices import UsualPrice
from generations.models.provider import Alert, BalanceReading, Cause, Mode, ProviderPause, SiteMode
from generations.models.rate_limits import RateLimitUse
from generations.models.reconciliation import NamedDifference, Reason, Reconciliation, Verdict
from generations.models.sessions import Session
from generations.models.sharing import ShareLink, ShareVisit
from generations.models.spending import BudgetAlert, SignOff, SpendingDay, SpendingMark
from generations.models.tags import Tag, Tagging
from generations.models.teams import MANAGERS, Membership, Role, Team, Visibility
from generations.models.totals import PLACES, Total, about, short
from generations.models.users import Digest, User

__all__ = [
    "HELD", "MANAGERS", "MOVES", "NEVER_SENT", "OPEN", "PLACES", "SPENT", "Activity", "ActivityKind", "Alert",
    "Attempt", "AttemptState", "AuditEvent", "BalanceReading", "BatchRequest", "Budget", "BudgetAlert", "Cause",
    "Collection", "CollectionItem", "Comment", "CostSource", "Deed", "Digest", "Favourite", "Format", "Generation",
    "GenerationQuerySet", "Image", "Invitation", "Kind", "LedgerEntry", "Membership", "Mode", "NamedDifference",
    "Notification", "NotificationKind", "NotificationSwitch", "Order", "ProviderPause", "RateLimitUse", "Reason",
    "Reconciliation", "Rejection", "RequestState", "ReviewLetter", "Role", "SavedSearch", "Session", "ShareLink",
    "ShareVisit", "SignOff", "SiteLimit", "SiteMode", "Span", "SpendingDay", "SpendingMark", "State", "Tag",
    "Tagging", "Team", "Thumbnail", "Total", "User", "UsualPrice", "Verdict", "Viewing", "Visibility", "about",
    "first_id_at", "id_at", "id_from", "short", "time_of", "uuid7",
]  # fmt: skip
