{# Where the warehouses differ. #}

{# A column as the tap spells it. Snowflake's loader folds names to capitals, except `order`. #}
{% macro field(name, table='') -%}
    {{ table ~ '.' if table }}{{ adapter.dispatch('field', 'younium')(name) }}
{%- endmacro %}

{% macro default__field(name) -%}"{{ name }}"{%- endmacro %}

{% macro snowflake__field(name) -%}{{ '"order"' if name == 'order' else name }}{%- endmacro %}

{% macro bigquery__field(name) -%}`{{ name }}`{%- endmacro %}

{# The text of a field of an object. #}
{% macro part(object, name, table='') -%}
    {{ adapter.dispatch('part', 'younium')(younium.field(object, table), name) }}
{%- endmacro %}

{% macro default__part(object, name) -%}({{ object }}->>'{{ name }}'){%- endmacro %}

{% macro snowflake__part(object, name) -%}{{ object }}:{{ name }}::varchar{%- endmacro %}

{% macro bigquery__part(object, name) -%}cast({{ object }}.{{ name }} as string){%- endmacro %}

{# An array as text. #}
{% macro json_text(array) -%}
    {{ adapter.dispatch('json_text', 'younium')(array) }}
{%- endmacro %}

{% macro default__json_text(array) -%}cast({{ array }} as {{ dbt.type_string() }}){%- endmacro %}

{% macro snowflake__json_text(array) -%}to_json({{ array }}){%- endmacro %}

{% macro bigquery__json_text(array) -%}to_json_string({{ array }}){%- endmacro %}

{# A row for each element on a JSON path: for tests in DuckDB and PostgreSQL. target-postgres stores an array as jsonb[]. #}
{% macro elements(array, path) -%}
    {{ adapter.dispatch('elements', 'younium')(array, path) }}
{%- endmacro %}

{% macro default__elements(array, path) -%}
    unnest(json_extract({{ array }}, '{{ path }}'))
{%- endmacro %}

{% macro postgres__elements(array, path) -%}
    jsonb_path_query(to_jsonb({{ array }}), '{{ path }}')
{%- endmacro %}

{# Unit tests cast values to the types of the columns. PostgreSQL reports every array as ARRAY; the ids in them are words. #}
{% macro postgres__safe_cast(value, type) -%}
    cast({{ value }} as {{ {'ARRAY': 'jsonb[]', 'uuid': 'text'}.get(type, type) }})
{%- endmacro %}
