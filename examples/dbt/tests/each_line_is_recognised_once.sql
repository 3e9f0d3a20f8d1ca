-- To the digit, and never more than there is.
select
    line_key,
    invoiced,
    sum(recognised) as recognised
from {{ ref('younium__revenue') }}
group by 1, 2
having sum(recognised) != invoiced or min(recognised * sign(invoiced)) < 0
