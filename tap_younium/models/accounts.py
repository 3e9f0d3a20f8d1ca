"""Customers: accounts and their summaries."""

from tap_younium.models.base import Fields, Flag, Id, Many, Model, Text, Time
from tap_younium.models.common import Address, CurrencyAmount


class OnlinePaymentDetails(Model):
    """How an account pays online."""

    created: Time = None
    modified: Time = None
    stripeCustomerId: Text = None
    stripePaymentMethodId: Text = None
    goCardLessCustomerId: Text = None
    goCardLessMandateId: Text = None
    goCardlessMandateStatus: Text = None


class Account(Model):
    """A customer, reseller, subsidiary or prospect."""

    custom_fields = "Account"

    id: Id = None
    parentAccountId: Id = None
    accountNumber: Text = None
    accountType: Text = None
    inactive: Flag = None
    invoiceDeliveryMethod: Text = None
    accountsReceivable: Text = None
    currencyCode: Text = None
    defaultPaymentTerm: Text = None
    domain: Text = None
    electronicInvoiceAddress: Text = None
    electronicInvoiceAddressScheme: Text = None
    imageUrl: Text = None
    invoiceEmailAddress: Text = None
    invoiceEmailCcAddresses: Text = None
    reminderEmailAddress: Text = None
    name: Text = None
    organizationNumber: Text = None
    ourReference: Text = None
    taxRegistrationNumber: Text = None
    taxTemplate: Text = None
    yourReference: Text = None
    invoiceTemplateId: Id = None
    invoiceBatchGroupId: Id = None
    invoiceSettingGroupId: Id = None
    defaultInvoiceAddress: Address | None = None
    defaultDeliveryAddress: Address | None = None
    addresses: Many[Address] = None
    customFields: Fields = None
    onlinePaymentDetails: OnlinePaymentDetails | None = None
    externalERPId: Text = None
    externalCRMId: Text = None
    created: Time = None
    modified: Time = None
    attachUBLToInvoice: Flag = None
    attachZugferdXMLToInvoice: Flag = None
    cmrr: CurrencyAmount | None = None
    acv: CurrencyAmount | None = None
    emrr: CurrencyAmount | None = None
    oneTimeFees: CurrencyAmount | None = None
    tcv: CurrencyAmount | None = None


class AccountSummary(Model):
    """An account's KPIs and balance."""

    cmrr: CurrencyAmount | None = None
    acv: CurrencyAmount | None = None
    emrr: CurrencyAmount | None = None
    oneTimeFees: CurrencyAmount | None = None
    tcv: CurrencyAmount | None = None
    accountBalance: CurrencyAmount | None = None
    lastInvoiced: Time = None
    name: Text = None
    accountNumber: Text = None
    id: Id = None
    externalERPId: Text = None
    externalCRMId: Text = None
