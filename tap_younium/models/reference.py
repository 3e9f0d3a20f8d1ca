"""Reference data: countries, currencies, terms, taxes, templates, custom fields, reports."""

from tap_younium.models.base import Fields, Flag, Id, Integer, Many, Model, Number, Text, Time
from tap_younium.models.common import FinancialAccount


class Country(Model):
    """A country."""

    custom_fields = "Country"

    id: Id = None
    name: Text = None
    twoAlphaCode: Text = None
    threeAlphaCode: Text = None
    active: Flag = None
    customFields: Fields = None


class Currency(Model):
    """A currency."""

    id: Id = None
    code: Text = None
    description: Text = None


class ExchangeRate(Model):
    """An exchange rate and the days it holds."""

    id: Id = None
    fromCurrency: Text = None
    toCurrency: Text = None
    rate: Number = None
    effectiveFromDate: Time = None
    effectiveToDate: Time = None


class PaymentTerm(Model):
    """A payment term."""

    id: Id = None
    description: Text = None
    name: Text = None
    termType: Text = None
    days: Integer = None


class TaxCategory(Model):
    """A tax category."""

    id: Id = None
    name: Text = None
    description: Text = None
    isActive: Flag = None
    isEUTax: Flag = None
    externalCode: Text = None


class TaxTemplateDetail(Model):
    """The rates of a tax template at one place."""

    id: Id = None
    taxTemplateId: Id = None
    country: Country | None = None
    countryId: Id = None
    city: Text = None
    state: Text = None
    county: Text = None
    zip: Text = None
    tax1: Number = None
    tax2: Number = None
    tax3: Number = None
    useTaxJar: Flag = None
    taxCategoryId: Id = None
    taxCategory: TaxCategory | None = None


class TaxTemplate(Model):
    """A tax template."""

    description: Text = None
    effectiveFrom: Time = None
    effectiveTo: Time = None
    taxAccount: FinancialAccount | None = None
    taxAccountId: Id = None
    details: Many[TaxTemplateDetail] = None
    created: Time = None
    modified: Time = None
    id: Id = None
    name: Text = None


class DocumentTemplate(Model):
    """A template for documents."""

    id: Id = None
    description: Text = None
    documentType: Text = None


class CustomFieldConfiguration(Model):
    """A custom field: its key, type and the object it belongs to."""

    id: Id = None
    key: Text = None
    name: Text = None
    defaultValue: Text = None
    fieldType: Text = None
    entity: Text = None
    list: Text = None
    typeEntity: Text = None
    entityObject: Text = None


class Report(Model):
    """A saved report."""

    id: Id = None
    name: Text = None
    description: Text = None
    entityName: Text = None
    fields: Many[str] = None
