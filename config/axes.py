"""What django-axes is told: to count guesses at the passwords of staff, and nothing else."""

from datetime import timedelta

AXES_ONLY_ADMIN_SITE = True
AXES_HANDLER = "console.guesses.StaffGuesses"
# Wrong passwords from one address; at one account from all addresses, five times as many.
AXES_FAILURE_LIMIT = 10
AXES_LOCKOUT_PARAMETERS = ["ip_address", "username"]
AXES_COOLOFF_TIME = timedelta(minutes=15)
# A guess while it is time to wait is not counted: it would grow the table, and the wait.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_USERNAME_FORM_FIELD = "username"
AXES_USERNAME_CALLABLE = "console.guesses.account_in"
AXES_CLIENT_IP_CALLABLE = "console.guesses.address_of"
AXES_LOCKOUT_CALLABLE = "console.guesses.time_to_wait"
AXES_SENSITIVE_PARAMETERS = ["username", "csrfmiddlewaretoken"]
# Who came in is in the trail.
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = AXES_VERBOSE = False
