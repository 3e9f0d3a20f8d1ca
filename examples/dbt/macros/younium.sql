{# The rules that several models share. #}

{# A key over all legal entities; without any, Younium's own. #}
{% macro key(id, table='') -%}
    concat_ws('/', {{ table ~ '.' if table }}_legal_entity, {{ table ~ '.' if table }}{{ id }})
{%- endmacro %}

{# Whether a record still has a nested row: one that left was not read with it again. #}
{% macro is_current(row, read_at) -%}
    {{ row }}._read_at >= {{ read_at }}
{%- endmacro %}

{# target-duckdb keeps numbers as DOUBLE; sums must not depend on the order of their terms. #}
{% macro money(amount) -%}
    cast({{ amount }} as decimal(28, 6))
{%- endmacro %}

{# An amount of an invoice: a credit note counts against, whichever sign it has. #}
{% macro signed(amount, type) -%}
    cast(
        case {{ type }} when 'Credit' then -abs({{ money(amount) }}) else {{ money(amount) }} end as decimal(28, 6)
    )
{%- endmacro %}

{# The day on which the figures stand: today, or `--vars 'as_of: 2025-06-30'`. #}
{% macro as_of() -%}
    cast('{{ var("as_of", run_started_at.strftime("%Y-%m-%d")) }}' as date)
{%- endmacro %}

{# The first day of a day's month. PostgreSQL truncates a date in the session's time zone, a timestamp in none. #}
{% macro month_of(day) -%}
    cast(date_trunc('month', cast({{ day }} as timestamp)) as date)
{%- endmacro %}

{# The first day of each month, from that of `first` up to `last`: the table `months` with the column `month`. #}
{% macro months(first, last) -%}
    generate_series(
        date_trunc('month', cast({{ first }} as timestamp)), cast({{ last }} as timestamp), interval '1 month'
    ) as months (month)
{%- endmacro %}
