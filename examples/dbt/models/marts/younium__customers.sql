select *
from {{ ref('stg_younium__accounts') }}
