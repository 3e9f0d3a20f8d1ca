"""Invoices and the batches that make them."""

from tap_younium.client import DetailStream, NestedStream, YouniumStream
from tap_younium.models.invoices import (
    Invoice,
    InvoiceAttachment,
    InvoiceBatch,
    InvoiceBatchGroup,
    OnlinePaymentLog,
    RelatedInvoice,
)
from tap_younium.rows import POSITION, ROOT


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


class InvoiceLines(NestedStream):
    """Lines of invoices and credit notes."""

    name = "invoice_lines"
    collection = Invoices
    arrays = ("invoiceLines",)


class InvoiceBatchLogs(NestedStream):
    """What went wrong in invoice batches."""

    name = "invoice_batch_logs"
    collection = InvoiceBatches
    arrays = ("batchLog",)
    primary_keys = (ROOT, POSITION)


class InvoicePaymentLogs(DetailStream):
    """Tries to collect invoices online."""

    name = "invoice_payment_logs"
    collections = (Invoices,)
    template = "/Invoices/{}/OnlinePaymentLogs"
    order_by = "timeStamp"
    model = OnlinePaymentLog
    primary_keys = (ROOT, POSITION)


class InvoiceAttachments(DetailStream):
    """Files of invoices; their links expire."""

    name = "invoice_attachments"
    collections = (Invoices,)
    template = "/Invoices/{}/Attachments"
    model = InvoiceAttachment


class RelatedInvoices(DetailStream):
    """Invoices that credit, or are credited by, others."""

    name = "related_invoices"
    collections = (Invoices,)
    template = "/Invoices/{}/RelatedInvoices"
    model = RelatedInvoice
    paged_details = False
    primary_keys = (ROOT, "id")
