"""People and machines: users, roles and webhooks."""

from tap_younium.models.base import Flag, Id, Many, Model, Secret, Text


class UserRole(Model):
    """A role that a user has, and where."""

    legalEntityId: Id = None
    legalEntityName: Text = None
    id: Id = None
    name: Text = None
    description: Text = None


class User(Model):
    """A user with roles."""

    roles: Many[UserRole] = None
    id: Text = None
    firstName: Text = None
    lastName: Text = None
    title: Text = None
    culture: Text = None
    email: Text = None
    userName: Text = None
    active: Flag = None
    isLegacyApiUser: Flag = None


class Permission(Model):
    """A permission that a role gives."""

    name: Text = None
    description: Text = None
    group: Text = None


class Role(Model):
    """A role with its permissions."""

    permissions: Many[Permission] = None
    id: Id = None
    name: Text = None
    description: Text = None


class Webhook(Model):
    """A webhook."""

    id: Id = None
    url: Text = None
    events: Many[str] = None
    token: Secret = None
    description: Text = None
    webhookStatus: Text = None
