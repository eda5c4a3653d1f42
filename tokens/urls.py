"""Routes."""
urlpatterns: list = []
