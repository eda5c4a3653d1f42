from datetime import datetime

from django.db import models

class AccessAttempt(models.Model):
    username: str | None
    ip_address: str | None
    user_agent: str
    failures_since_start: int
    attempt_time: datetime
