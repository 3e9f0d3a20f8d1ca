-- Younium counts `daysPastDue` when it is asked, so a loaded one stands still: here it is from the dates.
select
    {{ key('id') }} as invoice_key,
    {{ key("account->>'id'") }} as customer_key,
    _legal_entity as legal_entity,
    invoicenumber as invoice_number,
    invoicetype as invoice_type,
    status,
    currency,
    cast(invoicedate as date) as invoiced_on,
    cast(duedate as date) as due_on,
    {{ signed('totalamount', 'invoicetype') }} as total,
    {{ signed('balancedamount', 'invoicetype') }} as balance,
    greatest({{ as_of() }} - cast(duedate as date), 0) as days_past_due,
    case
        when days_past_due = 0 then 'not due'
        when days_past_due <= 30 then '1-30'
        when days_past_due <= 60 then '31-60'
        when days_past_due <= 90 then '61-90'
        else 'over 90'
    end as age
from {{ source('younium', 'invoices') }}
where status not in ('Draft', 'Cancelled') and balance != 0
