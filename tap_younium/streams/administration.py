"""Users, roles and webhooks."""

from tap_younium.client import YouniumStream
from tap_younium.models.administration import Role, User, Webhook


class UserRoles(YouniumStream):
    """Roles with their permissions."""

    name = "user_roles"
    path = "/Users/roles"
    model = Role
    permission = "User View"
    paged = False
    selected_by_default = False


class Users(YouniumStream):
    """Users with their roles."""

    name = "users"
    path = "/Users"
    model = User
    permission = "User View"
    paged = False
    selected_by_default = False


class Webhooks(YouniumStream):
    """Webhooks, without their signing token."""

    name = "webhooks"
    path = "/Webhooks"
    model = Webhook
    paged = False
    selected_by_default = False
