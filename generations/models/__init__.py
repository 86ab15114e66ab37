"""Everything that is stored in the database."""

from generations.models.activity import Activity, ActivityKind
from generations.models.approval_requests import BatchRequest, RequestState
from generations.models.attempts import (
    HISTORY_RETENTION,
    MAX_DOWNLOADS,
    NEVER_SENT,
    OPEN,
    UNLISTED_EXPIRY,
    Attempt,
    AttemptState,
    CostSource,
    Rejection,
)
from generations.models.audit import AuditAction, AuditEvent
from generations.models.collections import Collection, CollectionItem, CollectionOrder
from generations.models.comments import Comment
from generations.models.favourites import Favourite
from generations.models.finding import SavedSearch, Viewing
from generations.models.generations import MOVES, TRASH_DAYS, Generation, GenerationQuerySet, State
from generations.models.ids import parse_uuid, uuid7, uuid7_at, uuid7_min, uuid7_time
from generations.models.images import Format, Image, Thumbnail
from generations.models.invitations import Invitation
from generations.models.ledger import HELD, SPENT, Budget, EntryType, LedgerEntry, SiteLimit, Span
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
from generations.models.totals import PLACES, Total, format_amount, format_estimate
from generations.models.users import Digest, User

__all__ = [
    "HELD",
    "HISTORY_RETENTION",
    "MANAGERS",
    "MAX_DOWNLOADS",
    "MOVES",
    "NEVER_SENT",
    "OPEN",
    "PLACES",
    "SPENT",
    "TRASH_DAYS",
    "UNLISTED_EXPIRY",
    "Activity",
    "ActivityKind",
    "Alert",
    "Attempt",
    "AttemptState",
    "AuditAction",
    "AuditEvent",
    "BalanceReading",
    "BatchRequest",
    "Budget",
    "BudgetAlert",
    "Cause",
    "Collection",
    "CollectionItem",
    "CollectionOrder",
    "Comment",
    "CostSource",
    "Digest",
    "EntryType",
    "Favourite",
    "Format",
    "Generation",
    "GenerationQuerySet",
    "Image",
    "Invitation",
    "LedgerEntry",
    "Membership",
    "Mode",
    "NamedDifference",
    "Notification",
    "NotificationKind",
    "NotificationSwitch",
    "ProviderPause",
    "RateLimitUse",
    "Reason",
    "Reconciliation",
    "Rejection",
    "RequestState",
    "ReviewLetter",
    "Role",
    "SavedSearch",
    "Session",
    "ShareLink",
    "ShareVisit",
    "SignOff",
    "SiteLimit",
    "SiteMode",
    "Span",
    "SpendingDay",
    "SpendingMark",
    "State",
    "Tag",
    "Tagging",
    "Team",
    "Thumbnail",
    "Total",
    "User",
    "UsualPrice",
    "Verdict",
    "Viewing",
    "Visibility",
    "format_amount",
    "format_estimate",
    "parse_uuid",
    "uuid7",
    "uuid7_at",
    "uuid7_min",
    "uuid7_time",
]  # fmt: skip
