"""The partners in the admin: the list, the change page, what can be done to one.

``columns`` and ``filters`` make the list, from how a partner stands (``standing``) and what the
trail counts (``activity``), drawn by ``charts``; ``panel`` is that above the page.
``form``, ``connection`` and ``domains`` make the change page, where ``documents`` is what a
connection learns from its provider. ``buttons`` has the routes of what is above it: ``tools`` acts,
``testing`` is that of the doctor, ``previews`` what people see. ``admin`` puts them together.
"""
