from django.contrib.auth import views as auth
from django.urls import path, reverse_lazy

from generations.views import (
    account,
    actions,
    create,
    detail,
    files,
    gallery,
    health,
    live,
    made_here,
    metrics,
    provenance,
    provider,
    queue,
    settle,
    trash,
)

change_password = auth.PasswordChangeView.as_view(success_url=reverse_lazy("password_change_done"))

urlpatterns = [
    path("", gallery.home, name="home"),
    path("login/", account.SignIn.as_view(), name="login"),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path("accounts/password/", change_password, name="password_change"),
    path("accounts/password/done/", auth.PasswordChangeDoneView.as_view(), name="password_change_done"),
    path("theme/", account.theme, name="theme"),
    path("t/<slug:team>/", gallery.gallery, name="gallery"),
    path("t/<slug:team>/generations/", create.create, name="create"),
    path("t/<slug:team>/live/", live.poll, name="live"),
    path("t/<slug:team>/queue/", queue.queue, name="queue"),
    path("t/<slug:team>/trash/", trash.trash, name="trash"),
    path("t/<slug:team>/made-here/", made_here.made_here, name="made_here"),
    path("t/<slug:team>/settings/provenance/", provenance.provenance, name="provenance"),
    path("g/<uuid:generation>/", detail.detail, name="detail"),
    path("g/<uuid:generation>/image", files.original, name="image"),
    path("g/<uuid:generation>/thumb/<int:width>.webp", files.thumbnail, name="thumbnail"),
    path("g/<uuid:generation>/favourite", actions.favourite, name="favourite"),
    path("g/<uuid:generation>/cancel", actions.cancel, name="cancel"),
    path("g/<uuid:generation>/delete", actions.delete, name="delete"),
    path("g/<uuid:generation>/restore", actions.restore, name="restore"),
    path("g/<uuid:generation>/ask", settle.ask, name="ask"),
    path("g/<uuid:generation>/retry", settle.retry, name="retry"),
    path("g/<uuid:generation>/lost", settle.lost, name="lost"),
    path("provider/", provider.provider, name="provider"),
    path("provider/pause", provider.pause, name="pause"),
    path("provider/resume", provider.resume, name="resume"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
]
