from django.apps import AppConfig


class PledgesConfig(AppConfig):
    name = "tracker.pledges"
    label = "pledges"
