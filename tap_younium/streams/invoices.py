"""Invoices and the batches that make them."""

from tap_younium.client import YouniumStream
from tap_younium.models.invoices import Invoice, InvoiceAttachment, InvoiceBatch, InvoiceBatchGroup


class InvoiceBatchGroups(YouniumStream):
    """Groups of accounts or orders that are invoiced together."""

    name = "invoice_batch_groups"
    path = "/InvoiceBatchGroups"
    model = InvoiceBatchGroup


class InvoiceBatches(YouniumStream):
    """Runs that made invoices, with their log."""

    name = "invoice_batches"
    path = "/InvoiceBatches"
    model = InvoiceBatch
    incremental = True


class InvoiceDocumentAttachments(YouniumStream):
    """The documents of posted invoices; their links expire."""

    name = "invoice_document_attachments"
    path = "/Invoices/PostedInvoiceDocumentAttachments"
    model = InvoiceAttachment
    permission = "Invoice View"
    incremental = True
    selected_by_default = False


class Invoices(YouniumStream):
    """Invoices and credit notes with their lines."""

    name = "invoices"
    path = "/Invoices"
    model = Invoice
    permission = "Invoice Read"
    incremental = True
