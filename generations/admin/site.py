"""What the admin as a whole is called, and what others register and nobody needs."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.contrib import admin
from django.contrib.auth.models import Group

# Secrets of people are nobody's to look at, and what OpenID Connect needs comes from the environment. Groups give
# rights in Django's admin to people who are no superusers; here there are none.
admin.site.unregister([Authenticator, EmailAddress, SocialAccount, SocialApp, SocialToken, Group])
admin.site.site_header = admin.site.site_title = "HiDream Gallery"
admin.site.index_title = "What the site keeps"
