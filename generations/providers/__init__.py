"""Image providers: the request, the answer, and the clients that turn one into the other."""

from generations.providers.base import Answer, Balance, ImageRequest, PastCall, Provider
from generations.providers.choice import provider_for
from generations.providers.segmind import Segmind
from generations.providers.segmind_v2 import SegmindV2

__all__ = ["Answer", "Balance", "ImageRequest", "PastCall", "Provider", "Segmind", "SegmindV2", "provider_for"]
