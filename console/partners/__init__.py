"""The partners in the admin: the list, the change page, what can be done to one.

``columns`` and ``filters`` make the list; ``form``, ``connection`` and ``domains`` the change
page, where ``documents`` is what a connection learns from its provider; ``tools`` the buttons
above it, ``testing`` that of the doctor. ``admin`` puts them together.
"""
