"""The title of the admin, and models of other apps that it does not show."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.contrib import admin
from django.contrib.auth.models import Group
from django.utils.translation import gettext_lazy as _

# Secrets of users are not to be read, and OpenID Connect is configured by the environment. Groups give rights in the
# admin to users who are not superusers; here nobody else has any.
admin.site.unregister([Authenticator, EmailAddress, SocialAccount, SocialApp, SocialToken, Group])
admin.site.site_header = admin.site.site_title = "HiDream Gallery"
admin.site.index_title = _("Site administration")
