{#- exact money: decimals and whole-number fractions, never a binary float -#}

{#- currencies by the number of decimals of the vendor's minor unit; ISK and UGX are sent with two
    (https://docs.stripe.com/currencies#special-cases) -#}
{% macro currency_exponent(currency) -%}
    case
        when upper({{ currency }}) in (
            'BIF', 'CLP', 'DJF', 'GNF', 'JPY', 'KMF', 'KRW', 'MGA', 'PYG', 'RWF', 'VND', 'VUV', 'XAF', 'XOF', 'XPF'
        ) then 0
        when upper({{ currency }}) in ('BHD', 'JOD', 'KWD', 'OMR', 'TND') then 3
        else 2
    end
{%- endmacro %}

{#- minor units in one major unit -#}
{% macro minor_units(currency) -%}
    case {{ currency_exponent(currency) }} when 0 then 1 when 3 then 1000 else 100 end
{%- endmacro %}

{#- a whole number of minor units, given as text, in major units -#}
{% macro major_units(minor, currency) -%}
    cast(
        cast({{ minor }} as numeric(18, 0))
        * case {{ currency_exponent(currency) }}
            when 0 then cast(1 as numeric(4, 3)) when 3 then cast(0.001 as numeric(4, 3)) else cast(0.01 as numeric(4, 3))
        end as numeric(18, 6)
    )
{%- endmacro %}

{% macro money(document, path, currency) -%}
    {{ major_units(json_text(document, path), currency) }}
{%- endmacro %}

{#- widest whole-number type: 38 digits on DuckDB (more is an error, never a wrong figure), unbounded on PostgreSQL -#}
{% macro big_integer() -%}
    {% if target.type == 'postgres' %}numeric{% else %}hugeint{% endif %}
{%- endmacro %}

{#- quotient of whole numbers, truncated towards zero -#}
{% macro whole_quotient(numerator, denominator) -%}
    {% if target.type == 'postgres' -%}
        div({{ numerator }}, {{ denominator }})
    {%- else -%}
        (({{ numerator }}) // ({{ denominator }}))
    {%- endif %}
{%- endmacro %}

{#- a fraction of whole numbers as a decimal with so many places, half away from zero; null when the denominator is zero.
    The whole part is split off first, so that only the remainder is scaled up -#}
{% macro exact_quotient(numerator, denominator, places=6) -%}
    {%- set big = big_integer() -%}
    {%- set top = 'cast(abs(' ~ numerator ~ ') as ' ~ big ~ ')' -%}
    {%- set bottom = 'nullif(cast(abs(' ~ denominator ~ ') as ' ~ big ~ '), 0)' -%}
    {%- set scale = 'cast(1' ~ '0' * places ~ ' as ' ~ big ~ ')' -%}
    {%- set remainder = '(' ~ top ~ ' - ' ~ whole_quotient(top, bottom) ~ ' * ' ~ bottom ~ ')' -%}
    {%- set fraction = whole_quotient('2 * ' ~ remainder ~ ' * ' ~ scale ~ ' + ' ~ bottom, '2 * ' ~ bottom) -%}
    cast(
        (
            cast({{ whole_quotient(top, bottom) }} as numeric(18, 0))
            + cast({{ fraction }} as numeric(18, 0)) * cast(0.{{ '0' * (places - 1) }}1 as numeric({{ places + 1 }}, {{ places }}))
        )
        * case when sign({{ numerator }}) * sign({{ denominator }}) < 0 then -1 else 1 end
        as numeric(18, {{ places }})
    )
{%- endmacro %}

{#- a decimal with so many places as a whole number of its last place; DuckDB wants the digits of both factors to fit into 38 -#}
{% macro unscaled(amount, places) -%}
    cast(round(cast({{ amount }} as numeric(24, {{ places }})) * cast(1{{ '0' * places }} as numeric({{ places + 1 }}, 0)), 0) as {{ big_integer() }})
{%- endmacro %}

{#- ratio of two decimals of at most six places, as a decimal of six places -#}
{% macro exact_ratio(numerator, denominator) -%}
    {{ exact_quotient(unscaled('cast(' ~ numerator ~ ' as numeric(24, 6))', 6), unscaled('cast(' ~ denominator ~ ' as numeric(24, 6))', 6)) }}
{%- endmacro %}

{#- native amount at a rate, in reporting currency with six places -#}
{% macro converted(amount, rate) -%}
    cast(round(cast({{ amount }} as numeric(24, 6)) * cast({{ rate }} as numeric(14, 8)), 6) as numeric(18, 6))
{%- endmacro %}
