from django.apps import AppConfig


class FeedsConfig(AppConfig):
    name = "tracker.feeds"
    label = "feeds"
