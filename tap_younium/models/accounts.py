"""Customers: accounts and their summaries."""

from tap_younium.models.base import Fields, Flag, Id, Many, Model, Text, Time
from tap_younium.models.common import Address, CurrencyAmount


class OnlinePaymentDetails(Model):
    """How an account pays online."""

    created: Time = None
    modified: Time = None
    stripeCustomerId: Text = None
    """Key of the customer at Stripe. [name]"""
    stripePaymentMethodId: Text = None
    """Key of the payment method at Stripe. [name]"""
    goCardLessCustomerId: Text = None
    """Key of the customer at GoCardless. [name]"""
    goCardLessMandateId: Text = None
    """Key of the direct debit mandate at GoCardless. [name]"""
    goCardlessMandateStatus: Text = None
    """State of the direct debit mandate. Known values: NoMandate, MandateRequested, Failed,
    Cancelled, Expired, MandateApproved, MandateApprovedByCustomer; more may come. [spec]"""


class Account(Model):
    """A customer, reseller, subsidiary or prospect."""

    custom_fields = "Account"

    id: Id = None
    parentAccountId: Id = None
    """Account above this one; empty at the top. Whether the sums include those of accounts below is
    not published. [name]"""
    accountNumber: Text = None
    accountType: Text = None
    inactive: Flag = None
    """Whether the account is out of use. [name]"""
    invoiceDeliveryMethod: Text = None
    """How invoices are sent unless the invoice says otherwise. Known values: Email, Print,
    ElectronicInvoice, ExternalPrint, AutomaticElectronicRouting; more may come. [spec]"""
    accountsReceivable: Text = None
    """Code of the ledger account for what the customer owes, such as `1510`: `code` of
    `chart_of_accounts`. [records]"""
    currencyCode: Text = None
    """ISO 4217 code of the default currency, which is also the currency of the account's sums.
    [records]"""
    defaultPaymentTerm: Text = None
    """Name, not id, of the payment term of new orders: `name` of `payment_terms`. [records]"""
    domain: Text = None
    """Web domain of the customer. [name]"""
    electronicInvoiceAddress: Text = None
    """Address in the network for electronic invoices, without the code of its scheme. [text]"""
    electronicInvoiceAddressScheme: Text = None
    """Code of the scheme of `electronicInvoiceAddress` in Peppol's list of electronic address
    schemes, such as `0007`. [spec]"""
    imageUrl: Text = None
    """Link to the customer's logo. [name]"""
    invoiceEmailAddress: Text = None
    """Where invoices are sent by email. Can be personal data. [name]"""
    invoiceEmailCcAddresses: Text = None
    """Who gets a copy of the invoices by email. Can be personal data. [name]"""
    reminderEmailAddress: Text = None
    """Where reminders are sent by email. Can be personal data. [name]"""
    name: Text = None
    organizationNumber: Text = None
    ourReference: Text = None
    """The seller's contact person, printed on documents. [records]"""
    taxRegistrationNumber: Text = None
    taxTemplate: Text = None
    yourReference: Text = None
    """The customer's contact person, printed on documents. [name]"""
    invoiceTemplateId: Id = None
    """Template of invoices: `id` of `document_templates`. [name]"""
    invoiceBatchGroupId: Id = None
    invoiceSettingGroupId: Id = None
    defaultInvoiceAddress: Address | None = None
    """Invoice address of new orders; it is also in `addresses`. [records]"""
    defaultDeliveryAddress: Address | None = None
    """Delivery address of new orders; it is also in `addresses`. [records]"""
    addresses: Many[Address] = None
    """All addresses of the account. [records]"""
    customFields: Fields = None
    onlinePaymentDetails: OnlinePaymentDetails | None = None
    """How the customer pays online. [spec]"""
    externalERPId: Text = None
    externalCRMId: Text = None
    created: Time = None
    modified: Time = None
    attachUBLToInvoice: Flag = None
    attachZugferdXMLToInvoice: Flag = None
    cmrr: CurrencyAmount | None = None
    """Sum of the committed monthly recurring revenue over the account's orders, in the account's
    currency. Which order statuses count is not published. [name]"""
    acv: CurrencyAmount | None = None
    """Sum of the annual contract value over the account's orders, in the account's currency. Which
    order statuses count is not published. [name]"""
    emrr: CurrencyAmount | None = None
    oneTimeFees: CurrencyAmount | None = None
    """Sum of the one-off charges over the account's orders, in the account's currency. Which order
    statuses count is not published. [name]"""
    tcv: CurrencyAmount | None = None
    """Sum of the total contract value over the account's orders, in the account's currency. Which
    order statuses count is not published. [name]"""


class AccountSummary(Model):
    """An account's KPIs and balance."""

    cmrr: CurrencyAmount | None = None
    """Sum of the committed monthly recurring revenue over the account's orders, in the account's
    currency. Which order statuses count is not published. [name]"""
    acv: CurrencyAmount | None = None
    """Sum of the annual contract value over the account's orders, in the account's currency. Which
    order statuses count is not published. [name]"""
    emrr: CurrencyAmount | None = None
    oneTimeFees: CurrencyAmount | None = None
    """Sum of the one-off charges over the account's orders, in the account's currency. Which order
    statuses count is not published. [name]"""
    tcv: CurrencyAmount | None = None
    """Sum of the total contract value over the account's orders, in the account's currency. Which
    order statuses count is not published. [name]"""
    accountBalance: CurrencyAmount | None = None
    """What the customer owes in total. The sign, and whether drafts count, are not published.
    [name]"""
    lastInvoiced: Time = None
    """When the customer was last invoiced. [name]"""
    name: Text = None
    accountNumber: Text = None
    id: Id = None
    """The account: `id` of `accounts`. [spec]"""
    externalERPId: Text = None
    externalCRMId: Text = None
