"""People and machines: users, roles and webhooks."""

from tap_younium.models.base import Flag, Id, Many, Model, Secret, Text


class UserRole(Model):
    """A role that a user has, and where."""

    legalEntityId: Id = None
    """Legal entity in which the user has the role. Other endpoints do not list legal entities.
    [spec]"""
    legalEntityName: Text = None
    """Name of the legal entity in which the user has the role. [spec]"""
    id: Id = None
    """The role: `id` of `user_roles`. [name]"""
    name: Text = None
    """Name of the role. [name]"""
    description: Text = None
    """Free text about the role. [name]"""


class User(Model):
    """A user with roles."""

    roles: Many[UserRole] = None
    """Roles of the user in all legal entities. [spec]"""
    id: Text = None
    """Key that Younium gave the user; text, not a UUID. [spec]"""
    firstName: Text = None
    """First name of the person; personal data. [name]"""
    lastName: Text = None
    """Last name of the person; personal data. [name]"""
    title: Text = None
    """Job title or form of address; personal data. [name]"""
    culture: Text = None
    """Language and number format. [name]"""
    email: Text = None
    """Email address; personal data. [name]"""
    userName: Text = None
    """Name that the user signs in with; personal data. [name]"""
    active: Flag = None
    """Whether the user is enabled. [name]"""
    isLegacyApiUser: Flag = None
    """Whether it is an API user with the older kind of sign-in. [name]"""


class Permission(Model):
    """A permission that a role gives."""

    name: Text = None
    description: Text = None
    group: Text = None
    """Heading that the permission is shown under. [name]"""


class Role(Model):
    """A role with its permissions."""

    permissions: Many[Permission] = None
    """Permissions that the role gives. [spec]"""
    id: Id = None
    name: Text = None
    description: Text = None


class Webhook(Model):
    """A webhook."""

    id: Id = None
    url: Text = None
    """Address that events are sent to. [text]"""
    events: Many[str] = None
    """Types of events that are sent, such as `SubscriptionActivated`. [text]"""
    token: Secret = None
    description: Text = None
    webhookStatus: Text = None
    """Whether the webhook is on. Known values: Enabled, Disabled; more may come. [spec]"""
