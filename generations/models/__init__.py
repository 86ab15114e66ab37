"""Everything that is stored in the database."""

from generations.models.activity import Activity, ActivityKind
from generations.models.approval_requests import ApprovalRequest, RequestState
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
from generations.models.blocked_words import BlockedWord
from generations.models.collections import Collection, CollectionItem, CollectionOrder
from generations.models.comments import Comment
from generations.models.favourites import Favourite
from generations.models.first_pictures import FirstPicture
from generations.models.former import NOBODY, former_name, name_in
from generations.models.generations import MOVES, TRASH_DAYS, Generation, GenerationQuerySet, State
from generations.models.ids import parse_uuid, uuid7, uuid7_at, uuid7_min, uuid7_time
from generations.models.images import Format, Image, Thumbnail
from generations.models.invitations import Invitation
from generations.models.ledger import HELD, SPENT, Budget, EntryType, LedgerEntry, SiteLimit, Span
from generations.models.notifications import (
    Notification,
    NotificationKind,
    NotificationPreference,
    SpendingReportSubscription,
)
from generations.models.presets import Preset
from generations.models.prices import UsualPrice
from generations.models.provider import AdminAlertThrottle, BalanceReading, Mode, PauseCause, ProviderPause, SiteMode
from generations.models.rate_limits import RateLimitUse
from generations.models.reconciliation import DiscrepancyExplanation, Reason, Reconciliation, Verdict
from generations.models.reports import Report, ReportReason, ReportState
from generations.models.saved_searches import SavedSearch
from generations.models.sessions import Session
from generations.models.sharing import ShareLink, ShareVisit
from generations.models.spending import BudgetAlert, SignOff, SpendingDay, SpendingWatermark
from generations.models.tags import Tag, Tagging
from generations.models.teams import MANAGERS, MAX_COST_CENTRE_LENGTH, Membership, Role, Team, Visibility
from generations.models.totals import PLACES, Total, format_amount, format_dollars, format_estimate, typed_amount
from generations.models.users import THUMBNAIL_SIZES, Digest, User
from generations.models.view_history import ViewHistoryEntry

__all__ = [
    "HELD",
    "HISTORY_RETENTION",
    "MANAGERS",
    "MAX_COST_CENTRE_LENGTH",
    "MAX_DOWNLOADS",
    "MOVES",
    "NEVER_SENT",
    "NOBODY",
    "OPEN",
    "PLACES",
    "SPENT",
    "THUMBNAIL_SIZES",
    "TRASH_DAYS",
    "UNLISTED_EXPIRY",
    "Activity",
    "ActivityKind",
    "AdminAlertThrottle",
    "ApprovalRequest",
    "Attempt",
    "AttemptState",
    "AuditAction",
    "AuditEvent",
    "BalanceReading",
    "BlockedWord",
    "Budget",
    "BudgetAlert",
    "Collection",
    "CollectionItem",
    "CollectionOrder",
    "Comment",
    "CostSource",
    "Digest",
    "DiscrepancyExplanation",
    "EntryType",
    "Favourite",
    "FirstPicture",
    "Format",
    "Generation",
    "GenerationQuerySet",
    "Image",
    "Invitation",
    "LedgerEntry",
    "Membership",
    "Mode",
    "Notification",
    "NotificationKind",
    "NotificationPreference",
    "PauseCause",
    "Preset",
    "ProviderPause",
    "RateLimitUse",
    "Reason",
    "Reconciliation",
    "Rejection",
    "Report",
    "ReportReason",
    "ReportState",
    "RequestState",
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
    "SpendingReportSubscription",
    "SpendingWatermark",
    "State",
    "Tag",
    "Tagging",
    "Team",
    "Thumbnail",
    "Total",
    "User",
    "UsualPrice",
    "Verdict",
    "ViewHistoryEntry",
    "Visibility",
    "format_amount",
    "format_dollars",
    "format_estimate",
    "former_name",
    "name_in",
    "parse_uuid",
    "typed_amount",
    "uuid7",
    "uuid7_at",
    "uuid7_min",
    "uuid7_time",
]  # fmt: skip
