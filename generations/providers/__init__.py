"""Who draws: the request, the answer, and the providers that turn one into the other."""

from generations.providers.base import Answer, Balance, ImageRequest, PastCall, Provider
from generations.providers.segmind import Segmind

__all__ = ["Answer", "Balance", "ImageRequest", "PastCall", "Provider", "Segmind"]
