"""The site's addresses and one whose view fails in a way nobody foresaw."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import path

from hidream_site import urls

handler400, handler403, handler404, handler500 = urls.handler400, urls.handler403, urls.handler404, urls.handler500


@login_not_required
def fail(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("SELECT secret FROM /home/gallery/var")


urlpatterns = [path("broken/", fail), *urls.urlpatterns]
