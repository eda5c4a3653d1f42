"""People, members of staff and sessions in the admin.

A person's record belongs to the provider that the person comes from: here it is looked at, its
sessions are ended, and it is deactivated. Members of staff are made here, by superusers.
"""
