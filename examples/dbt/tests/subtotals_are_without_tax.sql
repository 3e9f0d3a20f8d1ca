-- Whether `subtotal` is without tax if `taxIncluded` is true is not published. A warning says that it is not in your data: see
-- the assumption `younium_line_amount`.
{{ config(severity='warn') }}
select *
from {{ source('younium', 'invoice_lines') }}
where abs(total - tax - subtotal) > 0.01
