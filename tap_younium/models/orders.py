"""Subscriptions and sales orders, with their products, charges, discounts and milestones."""

from tap_younium.models.base import Fields, Flag, Id, Integer, Many, Model, Number, Text, Time
from tap_younium.models.common import Address, CurrencyAmount, Feature, SimpleAccount
from tap_younium.models.invoices import InvoiceBatchGroup


class OrderPriceDetails(Model):
    """A price, or a tier of one, on an order; it has no id."""

    tier: Integer = None
    price: Number = None
    listPrice: Number = None
    description: Text = None
    fromQuantity: Number = None
    toQuantity: Number = None
    priceBase: Text = None
    lineDiscountPercent: Number = None
    lineDiscountAmount: Number = None


class OrderDiscountCharge(Model):
    """Links a discount to a charge."""

    orderDiscountId: Id = None
    chargeId: Id = None


class OrderProductCharge(Model):
    """A charge on an order."""

    custom_fields = "OrderProductCharge"

    id: Id = None
    chargeNumber: Text = None
    version: Integer = None
    isLastVersion: Flag = None
    name: Text = None
    chargeType: Text = None
    priceModel: Text = None
    effectiveStartDate: Time = None
    effectiveEndDate: Time = None
    quantity: Number = None
    unitCode: Text = None
    startOn: Text = None
    endOn: Text = None
    chargedThroughDate: Time = None
    lastRenewalDate: Time = None
    lastPriceAdjustmentDate: Time = None
    pricePeriod: Text = None
    usageRating: Text = None
    revenueRecognitionRule: Text = None
    billingDay: Text = None
    specificBillingDay: Integer = None
    offsetBillingDays: Integer = None
    billingPeriod: Text = None
    billingTiming: Text = None
    periodAlignment: Text = None
    alignmentDate: Time = None
    taxTemplate: Text = None
    taxIncluded: Flag = None
    createInvoiceLinesPerTier: Flag = None
    estimatedUsage: Integer = None
    estimatedQuantity: Integer = None
    remainingQuantity: Number = None
    orderedQuantity: Number = None
    deliveryDate: Time = None
    remarks: Text = None
    accountsReceivableAccount: Text = None
    deferredRevenueAccount: Text = None
    recognizedRevenueAccount: Text = None
    changeState: Text = None
    displayPrice: Number = None
    customFields: Fields = None
    priceDetails: Many[OrderPriceDetails] = None
    recurringMonthlyAmount: Number = None
    recurringMonthlyAmountBase: Number = None
    features: Many[Feature] = None
    orderDiscounts: Many[OrderDiscountCharge] = None
    externalERPId: Text = None
    externalCRMId: Text = None
    cmrr: CurrencyAmount | None = None
    acv: CurrencyAmount | None = None
    tcv: CurrencyAmount | None = None
    emrr: CurrencyAmount | None = None
    oneTimeFees: CurrencyAmount | None = None
    price: Number = None
    listPrice: Number = None
    discountAmount: Number = None
    discountPercentage: Number = None
    totalPrice: Number = None
    totalListPrice: Number = None
    totalDiscountAmount: Number = None
    totalDiscountPercentage: Number = None
    totalPerInvoice: Number = None
    orderProductId: Id = None
    orderId: Id = None
    chargeId: Id = None
    created: Time = None
    modified: Time = None


class OrderProduct(Model):
    """A product on an order; it does not name its order."""

    custom_fields = "OrderProduct"

    id: Id = None
    productNumber: Text = None
    chargePlanId: Id = None
    chargePlanName: Text = None
    chargePlanNumber: Text = None
    productLineNumber: Integer = None
    name: Text = None
    charges: Many[OrderProductCharge] = None
    customFields: Fields = None
    externalERPId: Text = None
    externalCRMId: Text = None
    cmrr: CurrencyAmount | None = None
    acv: CurrencyAmount | None = None
    emrr: CurrencyAmount | None = None
    oneTimeFees: CurrencyAmount | None = None
    tcv: CurrencyAmount | None = None
    created: Time = None
    modified: Time = None


class OrderDiscount(Model):
    """A discount on an order."""

    id: Id = None
    orderId: Id = None
    startOn: Text = None
    endOn: Text = None
    startDate: Time = None
    endDate: Time = None
    percent: Number = None
    discountType: Text = None
    description: Text = None
    orderProductCharges: Many[OrderDiscountCharge] = None
    onSpecificCharges: Flag = None


class Milestone(Model):
    """A milestone on an order."""

    id: Id = None
    orderId: Id = None
    name: Text = None
    description: Text = None
    milestoneDate: Time = None
    plannedDate: Time = None


class Subscription(Model):
    """A subscription, latest version."""

    custom_fields = "Order"

    id: Id = None
    orderNumber: Text = None
    version: Integer = None
    isLastVersion: Flag = None
    status: Text = None
    description: Text = None
    remarks: Text = None
    effectiveStartDate: Time = None
    effectiveEndDate: Time = None
    cancellationDate: Time = None
    effectiveChangeDate: Time = None
    orderDate: Time = None
    noticePeriodDate: Time = None
    lastRenewalDate: Time = None
    created: Time = None
    modified: Time = None
    lastUpdated: Time = None
    noticePeriod: Integer = None
    term: Integer = None
    renewalTerm: Integer = None
    isAutoRenewed: Flag = None
    orderType: Text = None
    termType: Text = None
    orderPaymentMethod: Text = None
    invoiceSeparatly: Flag = None
    yourReference: Text = None
    ourReference: Text = None
    yourOrderNumber: Text = None
    buyerReference: Text = None
    invoiceAddress: Address | None = None
    deliveryAddress: Address | None = None
    orderBillingPeriod: Text = None
    setOrderBillingPeriod: Flag = None
    invoiceBatchGroup: InvoiceBatchGroup | None = None
    paymentTerm: Text = None
    useAccountInvoiceBatchGroup: Flag = None
    account: SimpleAccount | None = None
    invoiceAccount: SimpleAccount | None = None
    products: Many[OrderProduct] = None
    milestones: Many[Milestone] = None
    orderDiscounts: Many[OrderDiscount] = None
    currency: Text = None
    externalERPId: Text = None
    externalCRMId: Text = None
    currencyCodeToUseWhenInvoice: Text = None
    customFields: Fields = None
    cmrr: CurrencyAmount | None = None
    acv: CurrencyAmount | None = None
    emrr: CurrencyAmount | None = None
    oneTimeFees: CurrencyAmount | None = None
    tcv: CurrencyAmount | None = None


class SalesOrder(Model):
    """A sales order, latest version."""

    custom_fields = "Order"

    id: Id = None
    orderNumber: Text = None
    version: Integer = None
    isLastVersion: Flag = None
    status: Text = None
    description: Text = None
    remarks: Text = None
    orderDate: Time = None
    created: Time = None
    modified: Time = None
    lastUpdated: Time = None
    orderType: Text = None
    invoiceSeparatly: Flag = None
    yourReference: Text = None
    ourReference: Text = None
    yourOrderNumber: Text = None
    buyerReference: Text = None
    invoiceAddress: Address | None = None
    deliveryAddress: Address | None = None
    paymentTerm: Text = None
    orderPaymentMethod: Text = None
    invoiceBatchGroup: Text = None
    useAccountInvoiceBatchGroup: Flag = None
    account: SimpleAccount | None = None
    invoiceAccount: SimpleAccount | None = None
    currency: Text = None
    accountsReceivableAccount: Text = None
    externalERPId: Text = None
    externalCRMId: Text = None
    products: Many[OrderProduct] = None
    milestones: Many[Milestone] = None
    orderDiscounts: Many[OrderDiscount] = None
    customFields: Fields = None
    invoicingCurrency: Text = None
