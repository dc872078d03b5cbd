-- what each rep is to win in a period, in reporting currency at the rate of its first day
with quotas as (
    select
        quota_id,
        owner_id,
        amount,
        coalesce(currency, '{{ var("reporting_currency") }}') as currency,
        start_date,
        {{ last_day_of_period("'" ~ var('quota_period') ~ "'", "date_trunc('" ~ var('quota_period') ~ "', start_date)") }} as last_date
    from {{ ref('stg_salesforce__quotas') }}
    where amount is not null
),

days as (
    select min(day) as first_day, max(day) as last_day from {{ ref('int_days') }}
),

dated as (
    select quotas.*, least(greatest(quotas.start_date, days.first_day), days.last_day) as rate_date
    from quotas
    cross join days
)

select
    'salesforce/' || dated.quota_id as quota_key,
    'salesforce' as system,
    dated.quota_id,
    dated.owner_id,
    reps.owner_name,
    reps.team as owner_team,
    reps.role as owner_role,
    dated.amount,
    dated.currency,
    {{ converted('dated.amount', 'rates.rate') }} as reporting_amount,
    dated.start_date,
    dated.last_date
from dated
left join {{ ref('exchange_rates') }} as rates on dated.currency = rates.currency and dated.rate_date = rates.rate_date
left join {{ ref('sales_reps') }} as reps on reps.system = 'salesforce' and dated.owner_id = reps.owner_id
