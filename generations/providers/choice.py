"""Choice of the provider that the settings name."""

from generations.conf import Conf
from generations.providers.gateway import Watch, unwatched
from generations.providers.segmind import Segmind
from generations.providers.segmind_v2 import SegmindV2

VERSIONS: dict[str, type[Segmind] | type[SegmindV2]] = {"v1": Segmind, "v2": SegmindV2}


def provider_for(settings: Conf, watch: Watch = unwatched) -> Segmind | SegmindV2:
    """Return the provider of the settings. Raises ValueError for settings that cannot work.

    `watch` is called with every raw reply of the provider.
    """
    return VERSIONS[settings.api_version](
        settings.base_url,
        settings.api_key,
        deadline=settings.timeout,
        file_hosts=settings.file_hosts,
        history_url=settings.history_url,
        watch=watch,
    )
