{#- what the switches of `var('definitions')` do to MRR; DECISIONS.md says what each means -#}

{#- every switch with the house's value, in the order in which they are applied: who counts, what it is worth, in which money,
    and at last who is a customer at all -#}
{% macro house_switches() -%}
    {%- do return({
        'past_due': 'counted' if 'past_due' in var('counted_statuses') else 'excluded',
        'paused_collection': 'counted' if var('count_paused_collection') else 'excluded',
        'trials': 'excluded',
        'churn': 'at_end',
        'repeating_discounts': 'dated' if var('count_repeating_discounts') else 'ignored',
        'once_discounts': 'ignored',
        'exchange_rates': 'daily',
        'metered': 'excluded',
        'free': 'excluded'
    }) -%}
{%- endmacro %}

{#- every definition step by step, each switch that differs from the house added to those before it; the column is where the
    step's amount stands -#}
{% macro definition_steps() -%}
    {%- set house = house_switches() -%}
    {%- set steps = [{'definition': 'house', 'position': 0, 'cause': 'house', 'switches': house, 'column': 'house'}] -%}
    {%- for definition, switches in var('definitions').items() -%}
        {%- for name in switches if name not in house -%}
            {%- do exceptions.raise_compiler_error(
                'definition ' ~ definition ~ ': there is no switch ' ~ name ~ '; there are ' ~ house | join(', ')
            ) -%}
        {%- endfor -%}
        {%- do steps.append({'definition': definition, 'position': 0, 'cause': 'house', 'switches': house, 'column': 'house'}) -%}
        {%- set on = dict(house) -%}
        {%- for cause, value in house.items() if switches.get(cause, value) != value -%}
            {%- do on.update({cause: switches[cause]}) -%}
            {%- do steps.append({
                'definition': definition, 'position': loop.index, 'cause': cause, 'switches': dict(on),
                'column': definition ~ '_' ~ cause
            }) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- do return(steps) -%}
{%- endmacro %}

{#- the steps that are more than the house: each has a column of its own -#}
{% macro definition_columns() -%}
    {%- set found = [] -%}
    {%- for step in definition_steps() if step.position > 0 -%}{%- do found.append(step) -%}{%- endfor -%}
    {%- do return(found) -%}
{%- endmacro %}

{#- how discounts count under some switches, as a name -#}
{% macro discount_policy(switches) -%}
    {%- do return(switches.repeating_discounts ~ '_' ~ switches.once_discounts) -%}
{%- endmacro %}

{#- the ways of counting discounts that differ from the house -#}
{% macro discount_policies() -%}
    {%- set found = [] -%}
    {%- for step in definition_columns() -%}
        {%- set policy = discount_policy(step.switches) -%}
        {%- if policy != discount_policy(house_switches()) and policy not in found -%}{%- do found.append(policy) -%}{%- endif -%}
    {%- endfor -%}
    {%- do return(found) -%}
{%- endmacro %}

{#- whether a line has MRR under some switches -#}
{% macro definition_counts(switches) -%}
    {%- set statuses = var('counted_statuses') | reject('equalto', 'past_due') | list -%}
    {%- if switches.past_due == 'counted' -%}{%- set statuses = statuses + ['past_due'] -%}{%- endif -%}
    {%- if switches.trials == 'counted' -%}{%- set statuses = statuses + ['trialing'] -%}{%- endif -%}
    (status in ('{{ statuses | join("', '") }}')
    {%- if switches.churn != 'end_of_service' %} and not is_paid_ahead{% endif -%}
    {%- if switches.paused_collection == 'excluded' %} and not is_collection_paused{% endif %})
{%- endmacro %}

{#- the native amount of a line under some switches -#}
{% macro definition_amount(switches) -%}
    {%- set policy = discount_policy(switches) -%}
    case when {{ definition_counts(switches) }} then {{ 'monthly_amount' if policy == discount_policy(house_switches()) else policy ~ '_amount' }} else 0 end
{%- endmacro %}

{#- whether a period of time holds as a day ends; the running day at the instant of the data -#}
{% macro holds_as_day_ends(from_at, until_at, day) -%}
    ({{ from_at }} <= clock.as_of_at and {{ local_day(from_at) }} <= {{ day }}
    and ({{ until_at }} is null or {{ until_at }} > clock.as_of_at or {{ local_day(until_at) }} > {{ day }}))
{%- endmacro %}

{#- whole months from a day to another, the last one unfinished or not -#}
{% macro calendar_months(first_day, last_day) -%}
    cast(
        (extract(year from {{ last_day }}) - extract(year from {{ first_day }})) * 12
        + extract(month from {{ last_day }}) - extract(month from {{ first_day }}) as bigint
    )
{%- endmacro %}

{#- an instant so many calendar months later, by the clock of UTC whatever the session's zone is -#}
{% macro months_later(instant, months) -%}
    (({{ instant }} at time zone 'UTC') + {{ months }} * interval '1 month') at time zone 'UTC'
{%- endmacro %}

{#- the first end of a service period at or after an instant, for periods of so many months or days from an anchor on -#}
{% macro service_end(anchor, instant, months, days) -%}
    {%- set between = calendar_months(anchor ~ " at time zone 'UTC'", instant ~ " at time zone 'UTC'") -%}
    {%- set needed = '(' ~ between ~ ' + case when ' ~ months_later(anchor, between) ~ ' < ' ~ instant ~ ' then 1 else 0 end)' -%}
    {%- set seconds = 'cast(extract(epoch from ' ~ instant ~ ') - extract(epoch from ' ~ anchor ~ ') as bigint)' -%}
    {%- set length = '(86400 * ' ~ days ~ ')' -%}
    case
        when {{ months }} is not null
            then {{ months_later(anchor, whole_quotient(needed ~ ' + ' ~ months ~ ' - 1', months) ~ ' * ' ~ months) }}
        else to_timestamp(
            cast(extract(epoch from {{ anchor }}) as bigint) + {{ whole_quotient(seconds ~ ' + ' ~ length ~ ' - 1', length) }} * {{ length }}
        )
    end
{%- endmacro %}

{#- the day on which the service period that holds a day began -#}
{% macro service_start(anchor_day, day, months, days) -%}
    {%- set between = calendar_months(anchor_day, day) -%}
    {%- set later = 'cast(' ~ anchor_day ~ ' + ' ~ between ~ " * interval '1 month' as date)" -%}
    {%- set whole = '(' ~ between ~ ' - case when ' ~ later ~ ' > ' ~ day ~ ' then 1 else 0 end)' -%}
    case
        when {{ months }} is not null
            then cast({{ anchor_day }} + {{ whole_quotient(whole, months) }} * {{ months }} * interval '1 month' as date)
        else {{ anchor_day }} + cast({{ whole_quotient('cast(' ~ day ~ ' - ' ~ anchor_day ~ ' as bigint)', days) }} * {{ days }} as integer)
    end
{%- endmacro %}

{#- the house's way of counting discounts -#}
{% macro house_discount_policy() -%}
    {{- discount_policy(house_switches()) -}}
{%- endmacro %}

{#- every way of counting discounts as rows, the house's among them -#}
{% macro discount_policy_rows() -%}
    {%- for policy in discount_policies() + [discount_policy(house_switches())] %}
    select '{{ policy }}' as policy, '{{ policy.split('_', 1)[0] if not policy.startswith('by_invoice') else 'by_invoice' }}' as repeating,
        '{{ 'by_invoice' if policy.endswith('by_invoice') else 'ignored' }}' as once
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
{%- endmacro %}

{#- an item's native monthly amount by each way of counting discounts; the house's where none of them is in force -#}
{% macro discount_policy_amounts() -%}
    {%- for policy in discount_policies() %}
    coalesce(max(case when policy = '{{ policy }}' then amount end), max(monthly_amount)) as {{ policy }}_amount,
    {%- endfor %}
{%- endmacro %}

{#- per customer and currency: what every step leaves -#}
{% macro definition_step_amounts() -%}
    {%- for step in definition_columns() %}
    {%- if step.switches.exchange_rates == 'service_start' %}
    sum({{ converted(definition_amount(step.switches), 'service_rate') }})
    {%- else %}
    {{ converted('sum(' ~ definition_amount(step.switches) ~ ')', 'max(rate)') }}
    {%- endif %} as {{ step.column }},
    {%- endfor %}
{%- endmacro %}

{#- whether a customer has something that a definition takes for a subscription of a customer although it costs nothing -#}
{% macro definition_free_flags() -%}
    {%- for step in definition_columns() if step.switches.free == 'active' %}
    max(case when {{ definition_counts(step.switches) }} and list_amount > 0 then 1 else 0 end) as {{ step.column }}_free,
    {%- endfor %}
{%- endmacro %}

{#- per customer: the amount of every step in reporting currency, and whether it makes a customer -#}
{% macro definition_customer_columns() -%}
    {%- for step in [{'column': 'house', 'switches': house_switches()}] + definition_columns() %}
    {%- set usage = ' + usage_amount' if step.switches.metered == 'included' else '' %}
    cast({{ step.column }}{{ usage }} as numeric(18, 6)) as {{ step.column }},
    {{ step.column }}{{ usage }} > 0 {% if step.switches.free == 'active' %}or {{ step.column }}_free = 1{% endif %} as {{ step.column }}_is_customer
    {%- if not loop.last %},{% endif %}
    {%- endfor %}
{%- endmacro %}

{#- the columns of every step, summed over a customer's currencies -#}
{% macro definition_currency_sums() -%}
    sum(house) as house,
    {%- for step in definition_columns() %}
    sum({{ step.column }}) as {{ step.column }},
    {%- if step.switches.free == 'active' %}
    max({{ step.column }}_free) as {{ step.column }}_free,
    {%- endif %}
    {%- endfor %}
{%- endmacro %}

{#- a customer's amount under each definition: the last step of each -#}
{% macro definition_rows(relation) -%}
    {%- set last = {} -%}
    {%- for step in definition_steps() -%}{%- do last.update({step.definition: step.column}) -%}{%- endfor -%}
    {%- for definition, column in last.items() %}
    select
        '{{ definition }}' as definition, customer_id, period_start, period_end, {{ column }} as amount, {{ column }}_is_customer as is_customer
    from {{ relation }}
    where {{ column }} <> 0 or {{ column }}_is_customer
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
{%- endmacro %}

{#- totals of every step of a month: MRR, customers, and customers of the month before that are lost -#}
{% macro definition_totals() -%}
    {%- for step in [{'column': 'house'}] + definition_columns() %}
    cast(sum(now.{{ step.column }}) as numeric(18, 6)) as {{ step.column }}_mrr,
    cast(sum(case when now.{{ step.column }}_is_customer then 1 else 0 end) as numeric(18, 6)) as {{ step.column }}_customers,
    cast(sum(case when before.{{ step.column }}_is_customer then 1 else 0 end) as numeric(18, 6)) as {{ step.column }}_start_customers,
    cast(sum(case when before.{{ step.column }}_is_customer and not coalesce(now.{{ step.column }}_is_customer, false) then 1 else 0 end)
        as numeric(18, 6)) as {{ step.column }}_lost_customers
    {%- if not loop.last %},{% endif %}
    {%- endfor %}
{%- endmacro %}

{#- one row for each measure and step: the house, and by how much every switch changes what the one before it left -#}
{% macro definition_bridge_rows(relation) -%}
    {%- set steps = definition_steps() -%}
    {%- for measure in ['mrr', 'customers', 'start_customers', 'lost_customers'] %}
    {%- set outer = loop %}
    {%- for step in steps %}
    select
        '{{ step.definition }}' as definition, '{{ measure }}' as measure, period_start, period_end, {{ step.position }} as position,
        '{{ step.cause }}' as cause,
        {{ step.column }}_{{ measure }}{% if step.position > 0 %} - {{ steps[loop.index0 - 1].column }}_{{ measure }}{% endif %} as amount
    from {{ relation }}
    {% if not (loop.last and outer.last) %}union all{% endif %}
    {%- endfor %}
    {%- endfor %}
{%- endmacro %}
