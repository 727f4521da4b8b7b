"""The back office of technical assistance: what was asked is for TA staff alone."""

from ta_requests.admin import offices, policy, requests

__all__ = ["offices", "policy", "requests"]
