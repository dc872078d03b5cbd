{#- models of attribution and what a touch weighs in each, as whole numbers; a place counts from the first touch of so many, age is in days -#}
{% macro attribution_weights(place, touches, age) -%}
    {{ return({
        'first_touch': 'case when ' ~ place ~ ' = 1 then 1 else 0 end',
        'last_touch': 'case when ' ~ place ~ ' = ' ~ touches ~ ' then 1 else 0 end',
        'linear': '1',
        'time_decay': half_lives(age),
        'position_based':
            'case when ' ~ touches ~ ' <= 2 then 1 when ' ~ place ~ ' in (1, ' ~ touches ~ ') then 2 * (' ~ touches ~ ' - 2) else 1 end',
    }) }}
{%- endmacro %}

{#- a thousand million halved as often as half lives have passed; parts of a half life to nine decimals, beyond thirty nothing is left -#}
{% macro half_lives(days) -%}
    {%- set half_life = var('attribution_half_life_days') -%}
    {%- set weights = [] -%}
    {%- for part in range(half_life) -%}
        {%- do weights.append('when ' ~ part ~ ' then ' ~ ((0.5 ** (part / half_life)) * 1000000000) | round | int) -%}
    {%- endfor -%}
    {{ return(
        '(case mod(' ~ days ~ ', ' ~ half_life ~ ') ' ~ weights | join(' ') ~ ' end) >> cast(least('
        ~ whole_quotient(days, half_life) ~ ', 31) as integer)'
    ) }}
{%- endmacro %}

{#- the channel of a kind of campaign, in the words in which CRMs tell the source of a lead -#}
{% macro campaign_channel(type) -%}
    case {{ channel_of(type) }}
        {%- for kind, channel in var('campaign_channels').items() %}
        when '{{ kind }}' then '{{ channel }}'
        {%- endfor %}
        else {{ channel_of(type) }}
    end
{%- endmacro %}
