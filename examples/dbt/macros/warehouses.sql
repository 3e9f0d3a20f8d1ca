{# Where DuckDB and PostgreSQL differ. #}

{# A row for each element on a JSON path. target-duckdb stores an array as JSON, target-postgres as jsonb[]. #}
{% macro elements(array, path) -%}
    {{ adapter.dispatch('elements')(array, path) }}
{%- endmacro %}

{% macro duckdb__elements(array, path) -%}
    unnest(json_extract({{ array }}, '{{ path }}'))
{%- endmacro %}

{% macro postgres__elements(array, path) -%}
    jsonb_path_query(to_jsonb({{ array }}), '{{ path }}')
{%- endmacro %}

{# Unit tests cast values to the types of the columns. PostgreSQL reports every array as ARRAY; the ids in them are words. #}
{% macro postgres__safe_cast(value, type) -%}
    cast({{ value }} as {{ {'ARRAY': 'jsonb[]', 'uuid': 'text'}.get(type, type) }})
{%- endmacro %}
