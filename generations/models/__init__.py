"""What we remember."""

from generations.models.attempts import NEVER_SENT, OPEN, Attempt, AttemptState
from generations.models.favourites import Favourite
from generations.models.generations import MOVES, Generation, GenerationQuerySet, State
from generations.models.identity import first_id_at, id_at, time_of, uuid7
from generations.models.images import Format, Image, Thumbnail
from generations.models.ledger import HELD, SPENT, Budget, Kind, LedgerEntry
from generations.models.people import User
from generations.models.provider import Alert, BalanceReading, Cause, ProviderPause
from generations.models.teams import Membership, Role, Team

__all__ = [
    "HELD", "MOVES", "NEVER_SENT", "OPEN", "SPENT", "Alert", "Attempt", "AttemptState", "BalanceReading", "Budget",
    "Cause", "Favourite", "Format", "Generation", "GenerationQuerySet", "Image", "Kind", "LedgerEntry", "Membership",
    "ProviderPause", "Role", "State", "Team", "Thumbnail", "User", "first_id_at", "id_at", "time_of", "uuid7",
]  # fmt: skip
