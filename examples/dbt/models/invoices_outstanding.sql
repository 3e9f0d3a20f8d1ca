-- Younium counts `daysPastDue` when it is asked, so a loaded one stands still: here it is from the dates.
with posted as (
    select
        {{ key('id') }} as invoice_key,
        {{ key("account->>'id'") }} as customer_key,
        _legal_entity as legal_entity,
        "invoiceNumber" as invoice_number,
        "invoiceType" as invoice_type,
        status,
        currency,
        cast("invoiceDate" as date) as invoiced_on,
        cast("dueDate" as date) as due_on,
        {{ signed('"totalAmount"', '"invoiceType"') }} as total,
        {{ signed('"balancedAmount"', '"invoiceType"') }} as balance,
        greatest({{ as_of() }} - cast("dueDate" as date), 0) as days_past_due
    from {{ source('younium', 'invoices') }}
    where status not in ('Draft', 'Cancelled')
)

select
    *,
    case
        when days_past_due = 0 then 'not due'
        when days_past_due <= 30 then '1-30'
        when days_past_due <= 60 then '31-60'
        when days_past_due <= 90 then '61-90'
        else 'over 90'
    end as age
from posted
where balance != 0
