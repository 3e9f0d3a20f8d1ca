"""The shapes of Younium's objects, field by field.

A shape maps a field's name to its type: `uuid`, `time`, `text`, `int`, `number`, `bool`, `custom`
(an object with the tenant's own keys), the name of another shape or of a choice, or `[type]` for a
list. `?` marks what Younium declares nullable.
"""

from __future__ import annotations

from typing import Final

_CHOICES = """\
AccountCategory = New Existing Lost
AccountType = Customer Reseller Subsidiary Prospect Other
AccountingPeriodStatus = Open Closed
BillingDay = None FirstDayOfMonth LastDayOfMonth FromOrder FromCharge FromAccount SpecificDay
    DaysOffset
BillingPeriod = Monthly Quarterly Annual EndOfTerm Biannual
BillingPeriodAlignment = None AlignToOrder AlignToCharge AlignToMonth AlignToCalendarQuarter
    AlignToDate
BillingTiming = InAdvance InArrears
BookingClassificationType = NewCustomer Expansion Contraction CustomerChurn NoChange SplitOrder
    Reactivate
BookingType = New Change Churn
ChangeType = Upsell Downsell Renewal None PriceAdjustment Milestone CancelledDelivery
    AssociatedCharge SplitOrder CancelOrderProduct
ChargeChangeState = NotChanged New Cancelled NewFromChange CancelledFromChange Credit
    PartialDelivery ClosedPartialDelivery Credited
ChargeModel = Flat Quantity Volume Tiered Rated
ChargeStartAndEndOptions = AlignToSubscription SpecificDate Milestone
ChargeType = OneOff Recurring Usage Measured
CustomFieldEntity = Account Order OrderProduct OrderProductCharge Product ChargePlan Charge
    ChargeDetails Quote QuoteProduct QuoteProductCharge Invoice InvoiceLine Posting Measurement
    Usage Country
CustomFieldType = Text Integer Checkbox Amount Date Entity Enum List DecimalNumber
CustomFieldTypeEntity = Account User
DocumentType = Invoice OrderConfirmation Journal FinancialAccountSummary PasswordRequestNewUser
    PasswordRequest PackingSlip OrderGeneric InvoiceReminderGeneric StripePaymentDetailsRequest
    FinancialAccountAnalysis AccountBalanceReport Quote ReportDocument AccountStatementReport
    GoCardlessMandateRequest
ESigningState = Started Completed Expired Stopped Rejected Failed UnKnownStatus
GoCardlessMandateStatus = NoMandate MandateRequested Failed Cancelled Expired MandateApproved
    MandateApprovedByCustomer
InvoiceDeliveryMethod = Email Print ElectronicInvoice ExternalPrint AutomaticElectronicRouting
InvoiceStatus = Draft Posted Cancelled Settled
InvoiceType = Invoice Credit OnAccount
JournalType = Invoice RevenueRecognition Payment Payout Order
OnlinePaymentStatus = None Succeeded Processing Failed
OrderDiscountStartAndEndOptions = AlignToOrder SpecificeDate
OrderDiscountType = Percent
OrderPaymentMethod = Invoice Stripe GoCardless
OrderStatus = Draft Active Cancelled Inactive Deleted OrderDraft Order PartiallyDelivered
    Delivered Invoiced PartiallyPaid Paid
OrderType = Subscription SalesOrder
PaymentMethodForInvoice = Invoice Stripe GoCardless
PaymentTermType = NetDays EndOfMonthNetDays NetDaysEndOfMonth
PriceBase = Flat PerUnit
PricePeriod = Monthly Quarterly Annual
ProductType = Simple MultipleCharges MultipleChargePlans Full
QuoteStatus = Open ClosedLost ClosedWon Deleted
QuoteType = New Change
TermType = Termed Evergreen
TransactionSource = Invoicing RevenueRecognition Payment Payout Order
UsageRating = Sum Max Average
WebhookStatus = Enabled Disabled
"""

_SHAPES = """\
Account
    id:uuid parentAccountId:uuid? accountNumber:text? accountType:AccountType inactive:bool
    invoiceDeliveryMethod:InvoiceDeliveryMethod accountsReceivable:text? currencyCode:text?
    defaultPaymentTerm:text? domain:text? electronicInvoiceAddress:text?
    electronicInvoiceAddressScheme:text? imageUrl:text? invoiceEmailAddress:text?
    invoiceEmailCcAddresses:text? reminderEmailAddress:text? name:text? organizationNumber:text?
    ourReference:text? taxRegistrationNumber:text? taxTemplate:text? yourReference:text?
    invoiceTemplateId:uuid? invoiceBatchGroupId:uuid? invoiceSettingGroupId:uuid?
    defaultInvoiceAddress:Address? defaultDeliveryAddress:Address? addresses:[Address]
    customFields:custom? onlinePaymentDetails:OnlinePaymentDetails? externalERPId:text?
    externalCRMId:text? created:time modified:time attachUBLToInvoice:bool
    attachZugferdXMLToInvoice:bool cmrr:CurrencyAmount? acv:CurrencyAmount? emrr:CurrencyAmount?
    oneTimeFees:CurrencyAmount? tcv:CurrencyAmount?
AccountSummary
    cmrr:CurrencyAmount? acv:CurrencyAmount? emrr:CurrencyAmount? oneTimeFees:CurrencyAmount?
    tcv:CurrencyAmount? accountBalance:CurrencyAmount? lastInvoiced:time? name:text?
    accountNumber:text? id:uuid externalERPId:text? externalCRMId:text?
AccountingPeriod
    description:text? fiscalYear:int fiscalPeriod:int fiscalQuarter:int calendarYear:int
    calendarMonth:int startDate:time endDate:time status:AccountingPeriodStatus closedDate:time?
AccountingTransaction
    transactionNumber:text? effectiveDate:time source:TransactionSource transactions:[Transaction]
    orderChargeNumber:text? orderChargeId:uuid? revenueScheduleItemId:uuid?
    invoice:TransactionInvoice? invoiceAccountId:uuid? invoiceId:uuid? invoiceLineId:uuid?
    paymentId:uuid? paymentSettlementId:uuid? invoiceAccount:TransactionAccount? journalId:uuid?
    externalERPId:text? externalCRMId:text? created:time modified:time
Address
    id:uuid? description:text? name:text? street:text? street2:text? city:text? county:text?
    state:text? zip:text? country:text?
AmountWithBaseCurrency
    amount:number? amountInBaseCurrency:number?
Booking
    id:uuid currency:text? bookingType:BookingType accountCategory:AccountCategory
    changeType:ChangeType cmrr:AmountWithBaseCurrency? acv:AmountWithBaseCurrency?
    emrr:AmountWithBaseCurrency? oneTimeFees:AmountWithBaseCurrency? tcv:AmountWithBaseCurrency?
    fmrr:AmountWithBaseCurrency? effectiveDate:time bookingLines:[BookingLine]
    classification:BookingClassification? created:time modified:time order:SimpleOrderModel?
    notes:text?
BookingClassification
    name:text? description:text? chartColor:text? isSystemClassification:bool
    classificationType:BookingClassificationType?
BookingLine
    charge:SimpleOrderProductChargeModel? cmrr:CurrencyAmount? acv:CurrencyAmount?
    emrr:CurrencyAmount? oneTimeFees:CurrencyAmount? tcv:CurrencyAmount? fmrr:CurrencyAmount?
    created:time modified:time
Charge
    id:uuid chargeNumber:text? name:text? model:ChargeModel chargeType:ChargeType unitCode:text?
    defaultQuantity:number pricePeriod:PricePeriod usageRating:UsageRating
    createInvoiceLinesPerTier:bool billingDay:BillingDay specificBillingDay:int
    billingPeriod:BillingPeriod periodAlignment:BillingPeriodAlignment billingTiming:BillingTiming
    taxTemplate:text? taxIncluded:bool externalERPId:text? externalCRMId:text? created:time
    modified:time revenueRecognition:text? deferredRevenueAccount:text?
    recognizedRevenueAccount:text? customFields:custom? priceDetails:[PriceDetails]
    features:[Feature]
ChargePlan
    id:uuid chargePlanNumber:text? name:text? effectiveStartDate:time? endOfNewSalesDate:time?
    effectiveEndDate:time? charges:[Charge] customFields:custom? created:time modified:time
Country
    id:uuid name:text? twoAlphaCode:text? threeAlphaCode:text? active:bool customFields:custom?
Currency
    id:uuid code:text? description:text?
CurrencyAmount
    amount:number currencyCode:text? currencyConversionDate:time? baseCurrencyAmount:number
    baseCurrencyCode:text?
CustomFieldConfiguration
    id:uuid key:text? name:text? defaultValue:text? fieldType:CustomFieldType
    entity:CustomFieldEntity list:text? typeEntity:CustomFieldTypeEntity? entityObject:text?
DocumentTemplate
    id:uuid description:text? documentType:DocumentType
ExchangeRate
    id:uuid fromCurrency:text? toCurrency:text? rate:number effectiveFromDate:time
    effectiveToDate:time?
Feature
    code:text? description:text?
FinancialAccount
    id:uuid code:text name:text description:text? externalERPId:text? externalCRMId:text?
Invoice
    id:uuid invoiceNumber:text? status:InvoiceStatus account:SimpleAccountModel? notes:text?
    invoiceDate:time dueDate:time paymentDate:time? lastPaymentDate:time? daysPastDue:int?
    nrOfReminders:int paymentTerm:PaymentTermModel? currency:text? subtotal:number
    subtotalBaseAmount:number tax:number taxBaseAmount:number totalAmount:number
    totalBaseAmount:number totalRoundingAmount:number totalRoundingBaseAmount:number
    settledAmount:number settledBaseAmount:number balancedAmount:number balancedBaseAmount:number
    taxIncluded:bool invoiceAddress:Address? deliveryAddress:Address? invoiceBatchId:uuid
    invoiceLines:[InvoiceLine] latestOnlinePaymentLogs:[OnlinePaymentLog]
    onlinePaymentStatus:OnlinePaymentStatus yourReference:text? ourReference:text?
    yourOrderNumber:text? buyerReference:text? invoiceType:InvoiceType ocrNumber:text?
    sendMethod:text? exchangeRate:number? settledNotes:text?
    invoiceDeliveryMethod:InvoiceDeliveryMethod paymentMethodForInvoice:PaymentMethodForInvoice
    invoiceTemplateId:uuid? disableAutomaticInvoiceReminder:bool onlinePaymentLink:text?
    accountsReceivable:FinancialAccount? customFields:custom? externalERPId:text?
    externalCRMId:text? created:time modified:time
InvoiceAttachment
    invoiceId:uuid attachmentDetail:text? id:uuid name:text? contentType:text? created:time
    modified:time fileURL:text? fileURLErrorMessage:text?
InvoiceBatch
    id:uuid batchNumber:text? targetDate:time? invoiceDate:time batchGroups:[text]
    invoices:[SimpleInvoiceModel] batchLog:[InvoiceBatchLog] created:time modified:time
InvoiceBatchGroup
    id:uuid code:text? description:text?
InvoiceBatchLog
    entityId:uuid? errorMessage:text? reference:text? entityName:text? created:time modified:time
InvoiceLine
    id:uuid invoiceId:uuid invoiceLineNumber:int productNumber:text? productName:text?
    chargeDescription:text? chargeNumber:text? charge:SimpleOrderProductChargeModel?
    quantity:number? unitOfMeasure:UnitOfMeasure? price:number? subtotal:number
    subtotalBaseAmount:number total:number totalBaseAmount:number tax:number taxBaseAmount:number
    subtotalPreDiscount:number subtotalPreDiscountBaseAmount:number totalPreDiscount:number
    totalPreDiscountBaseAmount:number taxPreDiscount:number taxPreDiscountBaseAmount:number
    exchangeRate:number? servicePeriodStartDate:time? servicePeriodEndDate:time? notes:text?
    orderChargeId:uuid? orderId:uuid? accountId:uuid? chargePlanId:uuid? orderProductId:uuid?
    customFields:custom? accountsReceivable:FinancialAccount? deferredRevenue:FinancialAccount?
    recognizedRevenue:FinancialAccount? externalERPId:text? externalCRMId:text? created:time
    modified:time taxCategoryName:text? taxRate:number?
Journal
    id:uuid journalNumber:text? accountingPeriod:AccountingPeriod? journalType:JournalType
    description:text? posted:bool postedDate:time? vouchers:[Voucher] externalERPId:text?
    transferredToERP:time? created:time modified:time
JournalDetails
    id:uuid journalNumber:text? accountingPeriod:AccountingPeriod? journalType:JournalType
    description:text? posted:bool postedDate:time? externalERPId:text? transferredToERP:time?
    created:time modified:time
Measurement
    id:uuid? account:SimpleAccountModel? order:SimpleOrderModel? product:SimpleOrderProductModel?
    charge:SimpleOrderProductChargeModel? importDate:time fromDate:time quantity:number tag:text?
    created:time modified:time customFields:custom?
OnlinePaymentDetails
    created:time modified:time stripeCustomerId:text? stripePaymentMethodId:text?
    goCardLessCustomerId:text? goCardLessMandateId:text?
    goCardlessMandateStatus:GoCardlessMandateStatus
OnlinePaymentLog
    failedPayment:bool paymentDescription:text? timeStamp:time? payoutId:text? isPayout:bool
    paymentIntentId:text?
OrderChargeDetails
    tier:int price:number? listPrice:number? description:text? fromQuantity:number?
    toQuantity:number? priceBase:PriceBase lineDiscountPercent:number? lineDiscountAmount:number?
OrderDiscounts
    id:uuid orderId:uuid startOn:OrderDiscountStartAndEndOptions
    endOn:OrderDiscountStartAndEndOptions startDate:time? endDate:time? percent:number?
    discountType:OrderDiscountType description:text? orderProductCharges:[OrderDiscountsCharge]
    onSpecificCharges:bool
OrderDiscountsCharge
    orderDiscountId:uuid chargeId:uuid
OrderProduct
    id:uuid productNumber:text? chargePlanId:uuid chargePlanName:text? chargePlanNumber:text?
    productLineNumber:int name:text? charges:[OrderProductCharge] customFields:custom?
    externalERPId:text? externalCRMId:text? cmrr:CurrencyAmount? acv:CurrencyAmount?
    emrr:CurrencyAmount? oneTimeFees:CurrencyAmount? tcv:CurrencyAmount? created:time
    modified:time
OrderProductCharge
    id:uuid chargeNumber:text? version:int isLastVersion:bool name:text? chargeType:ChargeType
    priceModel:ChargeModel effectiveStartDate:time? effectiveEndDate:time? quantity:number?
    unitCode:text? startOn:ChargeStartAndEndOptions endOn:ChargeStartAndEndOptions
    chargedThroughDate:time? lastRenewalDate:time? lastPriceAdjustmentDate:time?
    pricePeriod:PricePeriod usageRating:UsageRating revenueRecognitionRule:text?
    billingDay:BillingDay specificBillingDay:int offsetBillingDays:int?
    billingPeriod:BillingPeriod billingTiming:BillingTiming periodAlignment:BillingPeriodAlignment
    alignmentDate:time? taxTemplate:text? taxIncluded:bool createInvoiceLinesPerTier:bool
    estimatedUsage:int estimatedQuantity:int remainingQuantity:number? orderedQuantity:number?
    deliveryDate:time? remarks:text? accountsReceivableAccount:text? deferredRevenueAccount:text?
    recognizedRevenueAccount:text? changeState:ChargeChangeState displayPrice:number?
    customFields:custom? priceDetails:[OrderChargeDetails] recurringMonthlyAmount:number?
    recurringMonthlyAmountBase:number? features:[Feature] orderDiscounts:[OrderDiscountsCharge]
    externalERPId:text? externalCRMId:text? cmrr:CurrencyAmount? acv:CurrencyAmount?
    tcv:CurrencyAmount? emrr:CurrencyAmount? oneTimeFees:CurrencyAmount? price:number?
    listPrice:number? discountAmount:number? discountPercentage:number? totalPrice:number?
    totalListPrice:number? totalDiscountAmount:number? totalDiscountPercentage:number?
    totalPerInvoice:number? orderProductId:uuid orderId:uuid chargeId:uuid? created:time
    modified:time
Payment
    id:uuid payerName:text? payerInformation:text? paymentDate:time postedDate:time?
    reference:text? description:text? amount:CurrencyAmount? bankFeeAmount:CurrencyAmount?
    exchangeRate:number? paymentAccount:FinancialAccount? BankFeeAccount:FinancialAccount?
    paymentMethodName:text? paymentMethodId:uuid? paymentBatchNumber:text? paymentBatchId:uuid
    paymentSettlements:[PaymentSettlement] paymentWriteOffs:[WriteOff] externalBankId:text?
    onlinePaymentIntentId:text? onlinePaymentChargeId:text?
PaymentSettlement
    amount:CurrencyAmount? invoice:PaymentSettlementInvoice? writeOffs:[WriteOff]
PaymentSettlementInvoice
    account:SimpleAccountModel? id:uuid invoiceNumber:text? status:InvoiceStatus invoiceDate:time
    dueDate:time buyerReference:text? ocrNumber:text? currency:text? subtotal:number tax:number
    totalAmount:number settledAmount:number externalERPId:text? externalCRMId:text?
PaymentTerm
    id:uuid description:text? name:text? termType:PaymentTermType days:int
PaymentTermModel
    id:uuid days:int name:text?
Permission
    name:text? description:text? group:text?
PriceDetails
    currency:text price:number tier:int? description:text? fromQuantity:number? toQuantity:number?
    priceBase:PriceBase?
Product
    id:uuid productNumber:text? name:text? productType:ProductType category:text?
    activationDate:time? endOfNewSalesDate:time? endOfRenewalDate:time? endOfLifeDate:time?
    isFrameworkProduct:bool chargePlans:[ChargePlan] externalERPId:text? externalCRMId:text?
    created:time modified:time legalEntityId:uuid customFields:custom?
Quote
    id:uuid number:text? version:int status:QuoteStatus description:text? quoteType:QuoteType
    changeOrderId:uuid? convertedToOrder:SimpleOrderModel? customer:SimpleAccountModel?
    invoiceCustomer:SimpleAccountModel? orderType:OrderType currency:text?
    deliveryAddress:Address? quoteDate:time validToDate:time yourReference:text?
    ourReference:text? remarks:text? initialTerm:int orderEffectiveChangeDate:time?
    effectiveStartDate:time effectiveEndDate:time termType:TermType renewalTerm:int
    autoRenewal:bool noticePeriod:int tcv:CurrencyAmount? cmrr:CurrencyAmount? acv:CurrencyAmount?
    otf:CurrencyAmount? customFields:custom? created:time modified:time products:[QuoteProduct]
    quoteESignings:[QuoteESigning]
QuoteCharge
    id:uuid quoteProductChargeId:uuid chargeNumber:text? name:text? charge:SimpleChargeModel?
    originalOrderProductChargeId:uuid? chargeType:ChargeType priceModel:ChargeModel
    startOn:ChargeStartAndEndOptions endOn:ChargeStartAndEndOptions effectiveStartDate:time?
    effectiveEndDate:time? quantity:number? unitCode:text? pricePeriod:PricePeriod
    usageRating:UsageRating billingPeriod:BillingPeriod remarks:text? displayPrice:number?
    ppu:number? customFields:custom? created:time modified:time priceDetails:[OrderChargeDetails]
    cmrr:CurrencyAmount? acv:CurrencyAmount? tcv:CurrencyAmount? otf:CurrencyAmount?
QuoteESigning
    state:ESigningState fileName:text? validToDate:time?
QuoteProduct
    id:uuid productNumber:text? chargePlanId:uuid chargePlanName:text? chargePlanNumber:text?
    productLineNumber:int name:text? charges:[QuoteCharge] customFields:custom? created:time
    modified:time cmrr:CurrencyAmount? acv:CurrencyAmount? tcv:CurrencyAmount? otf:CurrencyAmount?
RelatedInvoice
    invoiceType:InvoiceType debitInvoiceId:uuid creditInvoiceId:uuid invoiceNumber:text?
    status:InvoiceStatus invoiceDate:time currency:text? subtotal:number totalAmount:number
    id:uuid externalERPId:text? externalCRMId:text?
Report
    id:uuid name:text? description:text? entityName:text? fields:[text]
RevenueScheduleInvoiceLine
    id:uuid invoiceId:uuid invoiceNumber:text? invoiceDate:time? quantity:number? unitCode:text?
    price:number? subtotal:number total:number tax:number subtotalPreDiscount:number
    totalPreDiscount:number taxPreDiscount:number externalERPId:text? externalCRMId:text?
    servicePeriodStartDate:time? servicePeriodEndDate:time? notes:text?
    accountsReceivableAccount:text? deferredRevenueAccount:text? recognizedRevenueAccount:text?
    taxCategoryName:text? taxRate:number?
RevenueScheduleItem
    id:uuid deferredRevenue:CurrencyAmount? recognizedRevenue:CurrencyAmount?
    accountingPeriod:AccountingPeriod? invoiceLine:RevenueScheduleInvoiceLine?
    orderProductCharge:SimpleOrderProductChargeModel? created:time modified:time
RoleWithLegalEntity
    legalEntityId:uuid legalEntityName:text? id:uuid name:text? description:text?
RoleWithPermissions
    permissions:[Permission] id:uuid name:text? description:text?
SalesOrder
    id:uuid orderNumber:text? version:int isLastVersion:bool status:OrderStatus description:text?
    remarks:text? orderDate:time? created:time modified:time lastUpdated:time? orderType:OrderType
    invoiceSeparatly:bool yourReference:text? ourReference:text? yourOrderNumber:text?
    buyerReference:text? invoiceAddress:Address? deliveryAddress:Address? paymentTerm:text?
    orderPaymentMethod:OrderPaymentMethod invoiceBatchGroup:text? useAccountInvoiceBatchGroup:bool
    account:SimpleAccountModel? invoiceAccount:SimpleAccountModel? currency:text?
    accountsReceivableAccount:text? externalERPId:text? externalCRMId:text?
    products:[OrderProduct] milestones:[SubscriptionMilestone] orderDiscounts:[OrderDiscounts]
    customFields:custom? invoicingCurrency:text?
SimpleAccountModel
    name:text? accountNumber:text? id:uuid externalERPId:text? externalCRMId:text?
SimpleChargeModel
    chargeNumber:text? name:text? id:uuid externalERPId:text? externalCRMId:text?
SimpleInvoiceModel
    invoiceNumber:text? status:InvoiceStatus invoiceDate:time currency:text? subtotal:number
    totalAmount:number id:uuid externalERPId:text? externalCRMId:text?
SimpleOrderModel
    orderNumber:text? id:uuid externalERPId:text? externalCRMId:text?
SimpleOrderProductChargeModel
    name:text? chargeNumber:text? description:text? id:uuid externalERPId:text?
    externalCRMId:text?
SimpleOrderProductModel
    description:text? productNumber:text? id:uuid externalERPId:text? externalCRMId:text?
SimpleProduct
    id:uuid productNumber:text? name:text category:text chargeType:ChargeType
    priceModel:ChargeModel pricePeriod:PricePeriod? defaultQuantity:number? unitCode:text?
    billingPeriod:BillingPeriod? billingDay:BillingDay specificBillingDay:int?
    periodAlignment:BillingPeriodAlignment? billingTiming:BillingTiming? taxTemplate:text?
    taxIncluded:bool deferredRevenueAccount:text? recognizedRevenueAccount:text?
    externalERPid:text? externalCRMId:text? activationDate:time? endOfNewSalesDate:time?
    endOfRenewalDate:time? endOfLifeDate:time? usageRating:UsageRating?
    createInvoiceLinesPerTier:bool? priceDetails:[PriceDetails] customFields:custom?
Subscription
    id:uuid orderNumber:text? version:int isLastVersion:bool status:OrderStatus description:text?
    remarks:text? effectiveStartDate:time effectiveEndDate:time? cancellationDate:time?
    effectiveChangeDate:time? orderDate:time? noticePeriodDate:time? lastRenewalDate:time?
    created:time modified:time lastUpdated:time? noticePeriod:int term:int renewalTerm:int
    isAutoRenewed:bool orderType:OrderType termType:TermType orderPaymentMethod:OrderPaymentMethod
    invoiceSeparatly:bool yourReference:text? ourReference:text? yourOrderNumber:text?
    buyerReference:text? invoiceAddress:Address? deliveryAddress:Address?
    orderBillingPeriod:BillingPeriod setOrderBillingPeriod:bool
    invoiceBatchGroup:InvoiceBatchGroup? paymentTerm:text? useAccountInvoiceBatchGroup:bool
    account:SimpleAccountModel? invoiceAccount:SimpleAccountModel? products:[OrderProduct]
    milestones:[SubscriptionMilestone] orderDiscounts:[OrderDiscounts] currency:text?
    externalERPId:text? externalCRMId:text? currencyCodeToUseWhenInvoice:text?
    customFields:custom? cmrr:CurrencyAmount? acv:CurrencyAmount? emrr:CurrencyAmount?
    oneTimeFees:CurrencyAmount? tcv:CurrencyAmount?
SubscriptionMilestone
    id:uuid orderId:uuid name:text? description:text? milestoneDate:time? plannedDate:time?
TaxCategory
    id:uuid name:text? description:text? isActive:bool isEUTax:bool externalCode:text?
TaxTemplate
    description:text? effectiveFrom:time effectiveTo:time taxAccount:FinancialAccount?
    taxAccountId:uuid? details:[TaxTemplateDetails] created:time modified:time id:uuid name:text?
TaxTemplateDetails
    id:uuid taxTemplateId:uuid country:Country? countryId:uuid? city:text? state:text?
    county:text? zip:text? tax1:number? tax2:number? tax3:number? useTaxJar:bool
    taxCategoryId:uuid? taxCategory:TaxCategory?
Transaction
    description:text? account:text? accountExternalCRMId:text? accountExternalERPId:text?
    accountExternalCode:text? debitAmount:number creditAmount:number
    salesCurrencyDebitAmount:number? salesCurrencyCreditAmount:number? salesCurrency:text?
    exchangeRate:number? customFields:custom?
TransactionAccount
    id:uuid accountNumber:text? accountType:AccountType
    invoiceDeliveryMethod:InvoiceDeliveryMethod name:text? organizationNumber:text?
    accountsReceivable:text? currencyCode:text? taxRegistrationNumber:text? taxTemplate:text?
    invoiceBatchGroupId:uuid? invoiceSettingGroupId:uuid? customFields:custom? externalERPId:text?
    externalCRMId:text?
TransactionInvoice
    id:uuid invoiceNumber:text? status:InvoiceStatus notes:text? invoiceDate:time currency:text?
    subtotal:number tax:number totalAmount:number settledAmount:number taxIncluded:bool
    invoiceBatchId:uuid? invoiceType:InvoiceType customFields:custom? externalERPId:text?
    externalCRMId:text?
UnitOfMeasure
    id:uuid unitCode:text? name:text? displayName:text?
Usage
    id:uuid description:text? fromDate:time toDate:time? quantity:number unit:text? source:text?
    account:SimpleAccountModel? order:SimpleOrderModel? product:SimpleOrderProductModel?
    charge:SimpleOrderProductChargeModel? importDate:time processed:bool ratedPrice:number?
    ratedPriceCurrencyCode:text? customFields:custom? created:time modified:time
UserWithRoles
    roles:[RoleWithLegalEntity] id:text? firstName:text? lastName:text? title:text? culture:text?
    email:text? userName:text? active:bool isLegacyApiUser:bool
Voucher
    transactionNumber:text? effectiveDate:time source:TransactionSource transactions:[Transaction]
    orderChargeNumber:text? orderChargeId:uuid? revenueScheduleItemId:uuid? invoiceNumber:text?
    invoiceAccountId:uuid? invoiceId:uuid? invoiceLineId:uuid? paymentId:uuid?
    paymentSettlementId:uuid? externalERPId:text? externalCRMId:text? created:time modified:time
WebhookModel
    id:uuid url:text? events:[text] token:text? description:text? webhookStatus:WebhookStatus
WriteOff
    id:uuid amount:CurrencyAmount? postingText:text? financialAccount:FinancialAccount?
"""


def _choices(text: str) -> dict[str, tuple[str, ...]]:
    lines = text.replace("\n    ", " ").splitlines()
    pairs = (line.split(" = ") for line in lines)
    return {name: tuple(values.split()) for name, values in pairs}


def _shapes(text: str) -> dict[str, dict[str, str]]:
    shapes: dict[str, dict[str, str]] = {}
    for line in text.replace("\n    ", " ").splitlines():
        name, *fields = line.split()
        shapes[name] = dict(field.split(":") for field in fields)
    return shapes


#: The values of each enumeration.
CHOICES: Final = _choices(_CHOICES)
#: Field name to type, per object.
SHAPES: Final = _shapes(_SHAPES)
