"""Models of other apps that the admin does not show."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.contrib import admin
from django.contrib.auth.models import Group

# Secrets of users are not to be read, and OpenID Connect is configured by the environment. Groups give rights in the
# admin to users who are not superusers; here nobody else has any.
admin.site.unregister([Authenticator, EmailAddress, SocialAccount, SocialApp, SocialToken, Group])
