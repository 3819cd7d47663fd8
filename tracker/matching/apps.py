from django.apps import AppConfig


class MatchingConfig(AppConfig):
    name = "tracker.matching"
    label = "matching"
