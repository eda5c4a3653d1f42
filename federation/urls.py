"""The pages of signing in and out."""

from django.urls import path
from django.views.generic import RedirectView

from federation import views

# What people type from memory. Never a callback: its address is the registered one or none.
WITHOUT_SLASH = {"login": "sign_in", "login/help": "help", "logout": "sign_out"}

urlpatterns = [
    *(
        path(
            route,
            RedirectView.as_view(
                pattern_name=name, query_string=True, http_method_names=("get", "head")
            ),
        )
        for route, name in WITHOUT_SLASH.items()
    ),
    path("", views.Home.as_view(), name="home"),
    path("login/", views.SignIn.as_view(), name="sign_in"),
    # Before the partners': these words are reserved, and no partner can have one as its slug.
    path("login/initiate/", views.InitiateAnywhere.as_view(), name="initiate_anywhere"),
    path("login/forget/", views.Forget.as_view(), name="forget"),
    path("login/help/", views.HelpPage.as_view(), name="help"),
    path("login/link/<slug:token>/", views.MailedLink.as_view(), name="mailed_link"),
    path("login/timed-out/", views.TimedOut.as_view(), name="timed_out"),
    path("login/<slug:slug>/", views.Begin.as_view(), name="begin"),
    path("login/<slug:slug>", views.BeginWithoutSlash.as_view()),
    path("login/<slug:slug>/callback/", views.Callback.as_view(), name="callback"),
    path(
        "login/<slug:slug>/backchannel-logout/",
        views.BackchannelLogout.as_view(),
        name="backchannel_logout",
    ),
    path("login/<slug:slug>/initiate/", views.Initiate.as_view(), name="initiate"),
    path(".well-known/foyer/<slug:slug>/jwks.json", views.client_jwks, name="client_jwks"),
    path("logout/", views.SignOut.as_view(), name="sign_out"),
    path("logout/elsewhere/", views.SignOutElsewhere.as_view(), name="sign_out_elsewhere"),
]
