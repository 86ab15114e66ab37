from django.contrib import admin
from django.urls import include, path

handler400 = "generations.views.errors.bad_request"
handler403 = "generations.views.errors.forbidden"
handler404 = "generations.views.errors.not_found"
handler500 = "generations.views.errors.server_error"

urlpatterns = [path("admin/", admin.site.urls), path("", include("generations.urls"))]
