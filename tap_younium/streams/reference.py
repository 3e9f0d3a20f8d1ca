"""Reference data."""

from tap_younium.client import NestedStream, YouniumStream
from tap_younium.models.common import UnitOfMeasure
from tap_younium.models.reference import (
    Country,
    Currency,
    CustomFieldConfiguration,
    DocumentTemplate,
    ExchangeRate,
    PaymentTerm,
    Report,
    TaxTemplate,
)
from tap_younium.records.columns import LAST_MODIFIED


class Countries(YouniumStream):
    """Countries."""

    name = "countries"
    path = "/Countries"
    model = Country


class Currencies(YouniumStream):
    """Currencies."""

    name = "currencies"
    path = "/Currency"
    model = Currency


class CustomFieldConfigurations(YouniumStream):
    """Custom fields of the tenant: key, type and object."""

    name = "custom_field_configurations"
    path = "/CustomFieldConfigurations"
    model = CustomFieldConfiguration


class DocumentTemplates(YouniumStream):
    """Templates for documents."""

    name = "document_templates"
    path = "/DocumentTemplate"
    model = DocumentTemplate


class ExchangeRates(YouniumStream):
    """Exchange rates and their validity dates."""

    name = "exchange_rates"
    path = "/ExchangeRate"
    model = ExchangeRate


class PaymentTerms(YouniumStream):
    """Payment terms."""

    name = "payment_terms"
    path = "/PaymentTerms"
    model = PaymentTerm


class Reports(YouniumStream):
    """Names of saved reports, without their rows."""

    name = "reports"
    path = "/Reports"
    model = Report


class TaxTemplates(YouniumStream):
    """Tax templates with their rates by region."""

    name = "tax_templates"
    path = "/TaxTemplates"
    model = TaxTemplate
    replication_key = LAST_MODIFIED


class UnitsOfMeasurement(YouniumStream):
    """Units of quantities."""

    name = "units_of_measurement"
    path = "/UnitOfMeasurements"
    model = UnitOfMeasure


class TaxTemplateDetails(NestedStream):
    """Rates of tax templates by region."""

    name = "tax_template_details"
    collection = TaxTemplates
    array_path = ("details",)
