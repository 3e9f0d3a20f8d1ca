"""Invoices and the batches that create them."""

from tap_younium.child import ChildStream
from tap_younium.client import NestedStream, YouniumStream
from tap_younium.models.invoices import (
    Invoice,
    InvoiceAttachment,
    InvoiceBatch,
    InvoiceBatchGroup,
    OnlinePaymentLog,
    RelatedInvoice,
)
from tap_younium.records.columns import LAST_MODIFIED, POSITION, ROOT_ID


class InvoiceBatchGroups(YouniumStream):
    """Groups of accounts or orders that are invoiced together."""

    name = "invoice_batch_groups"
    path = "/InvoiceBatchGroups"
    model = InvoiceBatchGroup


class InvoiceBatches(YouniumStream):
    """Runs that create invoices, with their log."""

    name = "invoice_batches"
    path = "/InvoiceBatches"
    model = InvoiceBatch
    replication_key = LAST_MODIFIED


class InvoiceDocumentAttachments(YouniumStream):
    """The documents of posted invoices; their links expire."""

    name = "invoice_document_attachments"
    path = "/Invoices/PostedInvoiceDocumentAttachments"
    model = InvoiceAttachment
    permission = "Invoice View"
    replication_key = LAST_MODIFIED
    selected_by_default = False


class Invoices(YouniumStream):
    """Invoices and credit notes with their lines."""

    name = "invoices"
    path = "/Invoices"
    model = Invoice
    permission = "Invoice Read"
    replication_key = LAST_MODIFIED


class InvoiceLines(NestedStream):
    """Lines of invoices and credit notes."""

    name = "invoice_lines"
    collection = Invoices
    array_path = ("invoiceLines",)


class InvoiceBatchLogs(NestedStream):
    """Errors in invoice batches."""

    name = "invoice_batch_logs"
    collection = InvoiceBatches
    array_path = ("batchLog",)
    primary_keys = (ROOT_ID, POSITION)


class InvoicePaymentLogs(ChildStream):
    """Attempts to collect invoices online."""

    name = "invoice_payment_logs"
    collections = (Invoices,)
    child_path = "/Invoices/{}/OnlinePaymentLogs"
    child_order_by = "timeStamp"
    model = OnlinePaymentLog
    primary_keys = (ROOT_ID, POSITION)


class InvoiceAttachments(ChildStream):
    """Files of invoices; their links expire."""

    name = "invoice_attachments"
    collections = (Invoices,)
    child_path = "/Invoices/{}/Attachments"
    model = InvoiceAttachment


class RelatedInvoices(ChildStream):
    """Credit notes of invoices, and invoices of credit notes."""

    name = "related_invoices"
    collections = (Invoices,)
    child_path = "/Invoices/{}/RelatedInvoices"
    model = RelatedInvoice
    child_paged = False
    primary_keys = (ROOT_ID, "id")
