{% set members = {'rep': 'owner_name', 'team': 'owner_team', 'role': 'owner_role'} %}

with parts as (
    select period_start, grain, 'all' as dimension, 'all' as member, 0 as won_amount, 0 as quota_amount, 0 as won_opportunities
    from {{ ref('int_activity_periods') }}
    where grain <> 'day' and period_start <= {{ known_until(ref('int_counted_opportunities')) }}
    union all
    select period_start, grain, 'all', 'all', won_amount, quota_amount, won_opportunities
    from {{ ref('int_rep_periods') }}
    {% for dimension, member in members.items() %}
    union all
    select period_start, grain, '{{ dimension }}', {{ member }}, won_amount, quota_amount, won_opportunities
    from {{ ref('int_rep_periods') }}
    {% endfor %}
),

sums as (
    select
        period_start,
        grain,
        dimension,
        member,
        sum(won_amount) as won_amount,
        sum(quota_amount) as quota_amount,
        sum(won_opportunities) as won_opportunities
    from parts
    group by period_start, grain, dimension, member
)

{{ kpi_rate('sums', 'won_amount', 'quota_amount', 'won_opportunities') }}
