"""The portal's pages, at Django's edge.

``sign_in`` is the page with the address field and the logos, ``begin`` the way to a partner's
provider, ``callback`` the way back, ``initiate`` the way in from a partner's own portal. ``home``
is where people arrive, ``sign_out`` how they leave,
``elsewhere`` how they leave other browsers. Each view reads the request, asks one function,
and answers.
"""

from federation.views.backchannel_logout import BackchannelLogout
from federation.views.begin import Begin, BeginWithoutSlash
from federation.views.callback import Callback
from federation.views.client_jwks import client_jwks
from federation.views.csrf import csrf_failure
from federation.views.elsewhere import SignOutElsewhere
from federation.views.home import HelpPage, Home, TimedOut
from federation.views.initiate import Initiate, InitiateAnywhere
from federation.views.link import MailedLink
from federation.views.sign_in import Forget, SignIn
from federation.views.sign_out import SignOut

__all__ = [
    "BackchannelLogout",
    "Begin",
    "BeginWithoutSlash",
    "Callback",
    "Forget",
    "HelpPage",
    "Home",
    "Initiate",
    "InitiateAnywhere",
    "MailedLink",
    "SignIn",
    "SignOut",
    "SignOutElsewhere",
    "TimedOut",
    "client_jwks",
    "csrf_failure",
]
