"""The timeline: a link to each month since the oldest picture, and none where all pictures are of one month."""

from datetime import date

import pytest

from generations.models import Generation
from generations.views.gallery import timeline
from tests.factories import draw, upload_id

pytestmark = pytest.mark.django_db
