"""Reference data: countries, currencies, terms, taxes, templates, custom fields, reports."""

from tap_younium.models.base import Fields, Flag, Id, Integer, Many, Model, Number, Text, Time
from tap_younium.models.common import FinancialAccount


class Country(Model):
    """A country."""

    custom_fields = "Country"

    id: Id = None
    name: Text = None
    """Name of the country, as addresses have it. [records]"""
    twoAlphaCode: Text = None
    """ISO 3166 code with two letters. [name]"""
    threeAlphaCode: Text = None
    """ISO 3166 code with three letters. [name]"""
    active: Flag = None
    """Whether the country is in use. [name]"""
    customFields: Fields = None


class Currency(Model):
    """A currency."""

    id: Id = None
    code: Text = None
    """ISO 4217 code of the currency, such as `EUR`. [name]"""
    description: Text = None


class ExchangeRate(Model):
    """An exchange rate and the days it holds."""

    id: Id = None
    fromCurrency: Text = None
    """ISO 4217 code of the currency that the rate converts from. [spec]"""
    toCurrency: Text = None
    """ISO 4217 code of the currency that the rate converts to. [spec]"""
    rate: Number = None
    """Most likely units of `toCurrency` for one unit of `fromCurrency`. The direction is not
    published. [name]"""
    effectiveFromDate: Time = None
    """First day on which the rate applies. [name]"""
    effectiveToDate: Time = None
    """Last day on which the rate applies; whether it is inclusive is not published. [name]"""


class PaymentTerm(Model):
    """A payment term."""

    id: Id = None
    description: Text = None
    name: Text = None
    """Name of the payment term, which accounts and orders refer to, such as `30`. [records]"""
    termType: Text = None
    """How the days are counted: from the invoice date, from the end of its month, or up to the end
    of the month in which they end. Known values: NetDays, EndOfMonthNetDays, NetDaysEndOfMonth;
    more may come. [spec]"""
    days: Integer = None
    """Number of days to pay. [records]"""


class TaxCategory(Model):
    """A tax category."""

    id: Id = None
    name: Text = None
    description: Text = None
    isActive: Flag = None
    """Whether the tax category is in use. [name]"""
    isEUTax: Flag = None
    """Whether it is a tax under EU rules. [name]"""
    externalCode: Text = None
    """Code of the tax category in another system. [name]"""


class TaxTemplateDetail(Model):
    """The rates of a tax template at one place."""

    id: Id = None
    taxTemplateId: Id = None
    """Tax template that the rates belong to: `id` of `tax_templates`. [spec]"""
    country: Country | None = None
    """Country where the rates apply. [name]"""
    countryId: Id = None
    """Country where the rates apply: `id` of `countries`. [name]"""
    city: Text = None
    """City where the rates apply. [name]"""
    state: Text = None
    """State where the rates apply. [name]"""
    county: Text = None
    """County where the rates apply. [name]"""
    zip: Text = None
    """Postal code where the rates apply. [name]"""
    tax1: Number = None
    """First rate at the place; whether as percent or fraction, and whether rates add up, is not
    published. [name]"""
    tax2: Number = None
    """Second rate at the place; see `tax1`. [name]"""
    tax3: Number = None
    """Third rate at the place; see `tax1`. [name]"""
    useTaxJar: Flag = None
    """Whether the service TaxJar calculates the tax instead. [name]"""
    taxCategoryId: Id = None
    """Key of the tax category. [spec]"""
    taxCategory: TaxCategory | None = None
    """Tax category of the rates. [spec]"""


class TaxTemplate(Model):
    """A tax template."""

    description: Text = None
    effectiveFrom: Time = None
    """First day on which the tax template applies. [name]"""
    effectiveTo: Time = None
    """Last day on which the tax template applies; whether it is inclusive is not published.
    [name]"""
    taxAccount: FinancialAccount | None = None
    """Ledger account of the tax. [name]"""
    taxAccountId: Id = None
    """Ledger account of the tax: `id` of `chart_of_accounts`. [name]"""
    details: Many[TaxTemplateDetail] = None
    """Rates by place. [spec]"""
    created: Time = None
    modified: Time = None
    id: Id = None
    name: Text = None
    """Name of the tax template, which accounts and charges refer to. [records]"""


class DocumentTemplate(Model):
    """A template for documents."""

    id: Id = None
    description: Text = None
    documentType: Text = None
    """What it is a template for. Known values: Invoice, OrderConfirmation, Journal,
    FinancialAccountSummary, PasswordRequestNewUser, PasswordRequest, PackingSlip, OrderGeneric,
    InvoiceReminderGeneric, StripePaymentDetailsRequest, FinancialAccountAnalysis,
    AccountBalanceReport, Quote, ReportDocument, AccountStatementReport, GoCardlessMandateRequest;
    more may come. [spec]"""


class CustomFieldConfiguration(Model):
    """A custom field: its key, type and the object it belongs to."""

    id: Id = None
    key: Text = None
    """Key of the field in `customFields`. [spec]"""
    name: Text = None
    """Name of the field that people see. [name]"""
    defaultValue: Text = None
    """Value that a new record gets, as text. [name]"""
    fieldType: Text = None
    """Type of the field's values. Known values: Text, Integer, Checkbox, Amount, Date, Entity,
    Enum, List, DecimalNumber; more may come. [spec]"""
    entity: Text = None
    """Object that the field belongs to. `Order` means subscriptions and sales orders, `Posting` a
    transaction of a journal. Known values: Account, Order, OrderProduct, OrderProductCharge,
    Product, ChargePlan, Charge, ChargeDetails, Quote, QuoteProduct, QuoteProductCharge, Invoice,
    InvoiceLine, Posting, Measurement, Usage, Country; more may come. [spec]"""
    list: Text = None
    """Choices, if `fieldType` is `Enum` or `List`; how they are written is not published. [name]"""
    typeEntity: Text = None
    """What the values refer to, if `fieldType` is `Entity`. Known values: Account, User; more may
    come. [spec]"""
    entityObject: Text = None


class Report(Model):
    """A saved report."""

    id: Id = None
    name: Text = None
    description: Text = None
    entityName: Text = None
    """Object that the report is about. [name]"""
    fields: Many[str] = None
    """Names of the report's columns. [spec]"""
