"""The set-up pages. Nothing in their addresses names a partner."""

from django.urls import path

from onboarding import views
from onboarding.steps import Step

urlpatterns = [
    path("", views.Resume.as_view(), name="setup"),
    path("colleague/", views.Colleague.as_view(), name="setup_colleague"),
    path("log/", views.SignIns.as_view(), name="setup_log"),
    path("logos/<slug:shape>/", views.Proposed.as_view(), name="setup_logo"),
    path("logos/<slug:shape>/withdraw/", views.WithdrawLogo.as_view(), name="setup_logo_withdraw"),
    path("leave/", views.Leave.as_view(), name="setup_leave"),
    path("welcome/", views.Welcome.as_view(), name="setup_welcome"),
]
PAGES = {
    Step.PROVIDER: views.Provider,
    Step.REGISTER: views.Register,
    Step.CONNECT: views.Connect,
    Step.DOMAINS: views.Domains,
    Step.TEST: views.Test,
    Step.SWITCH_ON: views.SwitchOn,
}
urlpatterns += [
    path(
        f"{step.value}/",
        PAGES[step].as_view(step=step),
        name=f"setup_{step.name.lower()}",
    )
    for step in Step
    if step is not Step.WELCOME
]
# Last: every other word is a link's token, or none.
urlpatterns += [path("<str:token>/", views.Link.as_view(), name="setup_link")]
