{# The rules that several models share. #}

{# The value of an assumption. A value that is not known would silently give other figures. #}
{% macro assume(name, known) -%}
    {%- set value = var(name) -%}
    {%- if value not in known -%}
        {{ exceptions.raise_compiler_error("The variable " ~ name ~ " is " ~ value ~ ". It must be one of: " ~ known | join(", ")) }}
    {%- endif -%}
    {{ return(value) }}
{%- endmacro %}

{# A key over all legal entities; without any, Younium's own. #}
{% macro key(id, table='') -%}
    {%- set prefix = table ~ '.' if table else '' -%}
    coalesce({{ prefix }}_legal_entity || '/', '') || cast({{ id }} as {{ dbt.type_string() }})
{%- endmacro %}

{# target-duckdb keeps numbers as DOUBLE; sums must not depend on the order of their terms. #}
{% macro money(amount) -%}
    cast({{ amount }} as numeric(28, 6))
{%- endmacro %}

{# The amount in the currency of the figures. #}
{% macro in_currency(document, base) -%}
    {{ money(base if younium.assume('younium_currency', ['base', 'document']) == 'base' else document) }}
{%- endmacro %}

{# An amount of a charge in the base currency, if Younium sent it in the order's only. #}
{% macro at_rate_of_cmrr(amount) -%}
    case when {{ amount }} = 0 then 0 else {{ amount }} * charge.cmrr_base / nullif(charge.cmrr, 0) end
{%- endmacro %}

{# The day on which the figures stand: that of dbt's run in UTC, or `--vars 'younium_as_of: 2025-06-30'`. #}
{% macro as_of() -%}
    {%- set day = var('younium_as_of') or run_started_at.strftime('%Y-%m-%d') -%}
    {{ day if day == 'current_date' else "cast('" ~ day ~ "' as date)" }}
{%- endmacro %}

{# The date of a column that the tap loads as a time at midnight. #}
{% macro day(column) -%}
    cast({{ column }} as date)
{%- endmacro %}

{# The first day of a day's month. PostgreSQL truncates a date in the session's time zone, a timestamp in none. #}
{% macro month_of(day) -%}
    cast({{ dbt.date_trunc('month', 'cast(' ~ day ~ ' as timestamp)') }} as date)
{%- endmacro %}

{# The day or month some days or months later. #}
{% macro later(part, number, day) -%}
    cast({{ dbt.dateadd(part, number, day) }} as date)
{%- endmacro %}

{# A list of text for `in`. #}
{% macro texts(values) -%}
    ({% for value in values %}'{{ value }}'{{ ', ' if not loop.last }}{% endfor %})
{%- endmacro %}
