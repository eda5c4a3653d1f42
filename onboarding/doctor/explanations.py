"""What is said when a test sign-in has stopped, by the code of what it stopped at."""

from collections.abc import Mapping
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from onboarding.findings import Text


class Explanation(NamedTuple):
    """What is looked at, what is wrong with it when a sign-in stops there, and what mends it."""

    about: Text
    statement: Text
    remedy: Text = ""


EXPLANATIONS: Mapping[str, Explanation] = {
    "OD-104": Explanation(
        _("An answer"),
        _("The provider didn’t answer us while you signed in."),
        _(
            "Allow the portal’s servers to GET the discovery and key addresses and to POST to the "
            "token address."
        ),
    ),
    "OD-112": Explanation(
        _("What a sign-in needs"),
        _("The provider’s answer was none that we can use."),
    ),
    "OD-115": Explanation(
        _("Sign-in by authorization code"),
        _("The provider doesn’t let this app sign people in by authorization code."),
        _("It has to be switched on for this app; the implicit flow is not used."),
    ),
    "OD-116": Explanation(
        _("Scopes"),
        _("The provider refuses a scope that we ask for."),
        _("Allow openid, email and profile for this app."),
    ),
    "OD-117": Explanation(
        _("Shared with nobody"),
        _("You came from another customer of this provider than the one that was entered."),
        _("Sign in with an account of your company, or correct the pinned claim."),
    ),
    "OD-202": Explanation(
        _("Usable keys and algorithms"),
        _("The ID Token is signed with an algorithm that we don’t accept."),
        _("ID Tokens have to be signed with RS256, PS256, ES256 or stronger."),
    ),
    "OD-203": Explanation(
        _("The signature"),
        _("The answer was signed with a key that the provider doesn’t publish."),
        _("Look whether the issuer is that of the server which signs, and test again."),
    ),
    "OD-301": Explanation(
        _("Whether the provider knows us"),
        _("The provider said that the client secret is not valid."),
        _("Make a new client secret, copy the secret itself and not its ID, and enter it."),
    ),
    "OD-302": Explanation(
        _("The secret’s end"),
        _("The provider said that the client secret has ended."),
        _("Make a new client secret at your provider, and enter it with its end."),
    ),
    "OD-303": Explanation(
        _("The app"),
        _("The provider knows no app with this client ID."),
        _("Compare the client ID with the app’s page, and the directory with the issuer."),
    ),
    "OD-304": Explanation(
        _("The directory"),
        _("The provider doesn’t know this directory."),
        _("Compare the issuer with the provider’s settings."),
    ),
    "OD-305": Explanation(
        _("How we prove who we are"),
        _("The provider wants us to prove who we are in another way."),
        _("The app has to be a confidential web application, with the method that you chose."),
    ),
    "OD-306": Explanation(
        _("Our key"),
        _("The provider doesn’t accept our key yet."),
        _("Register the address of our keys at the app. Some providers take minutes to fetch it."),
    ),
    "OD-307": Explanation(
        _("Our redirect URI"),
        _("The provider doesn’t know our redirect URI."),
        _("Paste it into the app exactly as it is shown, with the slash at its end."),
    ),
    "OD-401": Explanation(
        _("The way back"),
        _("The test sign-in didn’t come back in time, or not to the browser that began it."),
        _("Test once more, and finish it in the same browser within 15 minutes."),
    ),
    "OD-402": Explanation(
        _("Access to the app"),
        _("The provider didn’t let you use the app, or you stopped before the end."),
        _("Assign the app to the people who are to sign in."),
    ),
    "OD-403": Explanation(
        _("Consent"),
        _("The provider wants an administrator to consent first."),
        _("Give the consent for the whole company in the provider’s administration."),
    ),
    "OD-404": Explanation(
        _("The provider’s policies"),
        _("A policy of the provider stopped the sign-in."),
        _("Include the app in the policy, or exempt it, and follow the sign-in to its end."),
    ),
    "OD-405": Explanation(
        _("An answer to be trusted"),
        _("We couldn’t trust the provider’s answer."),
        _("Test once more. If it happens again, send us the reference: it is not your mistake."),
    ),
    "OD-406": Explanation(
        _("The clocks"),
        _("The provider’s answer isn’t valid at this time: its clock and ours differ."),
        _("Set the clock of the provider’s server by NTP."),
    ),
    "OD-407": Explanation(
        _("A permanent ID"),
        _("The provider doesn’t say by one permanent ID who signed in."),
        _("The claim sub has to be there, and to stay the same for a person for ever."),
    ),
    "OD-408": Explanation(
        _("An email address"),
        _("The provider didn’t send an email address."),
        _("Release the claim email to this app, and fill the account’s address."),
    ),
    "OD-409": Explanation(
        _("Whether the address can be trusted"),
        _("The provider says that the email address isn’t verified, or doesn’t say that it is."),
        _("Have the provider send email_verified: true for addresses that it has checked."),
    ),
    "OD-410": Explanation(
        _("A verified domain"),
        _("You signed in with an address that is outside your verified domains."),
        _("Add and verify its domain, or have the provider send the right address."),
    ),
    "OD-411": Explanation(
        _("A company’s account"),
        _("You signed in with an account that isn’t your company’s."),
        _("Sign in with an account of the company’s, and let only those use the app."),
    ),
    "OD-413": Explanation(
        _("How people sign in"),
        _("The sign-in lacks what is asked for here: a second factor, or a fresh sign-in."),
        _("Have the provider ask for it, and say so in acr, amr and auth_time."),
    ),
}
"""By code, for whoever tests: what a refused trial says."""
