from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from generations.views.accounts.account import SignOut, admin_sign_in

handler400 = "generations.views.site.error_pages.bad_request"
handler403 = "generations.views.site.error_pages.forbidden"
handler404 = "generations.views.site.error_pages.not_found"
handler429 = "generations.views.site.error_pages.too_many"
handler500 = "generations.views.site.error_pages.server_error"
handler503 = "generations.views.site.error_pages.unavailable"

urlpatterns = [
    # There is one way in, which asks for the second factor; the admin's own form would not.
    path("admin/login/", admin_sign_in),
    # One way out, which clears the browser's cache.
    path("admin/logout/", SignOut.as_view()),
    # And one way to change a password, which is in the audit trail.
    path("admin/password_change/", RedirectView.as_view(pattern_name="password_change")),
    path("admin/", admin.site.urls),
    path("", include("generations.urls")),
]
