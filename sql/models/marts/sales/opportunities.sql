-- sales of both CRMs side by side; kpis count those of one of them
with deal_companies as (
    select from_id as deal_id, min(to_id) as company_id
    from {{ ref('stg_hubspot__associations') }}
    where from_type = 'deals' and to_type = 'companies' and position = 1
    group by from_id
),

owners as (
    select 'hubspot' as system, owner_id, trim(coalesce(first_name, '') || ' ' || coalesce(last_name, '')) as owner_name
    from {{ ref('stg_hubspot__owners') }}
    union all
    select 'salesforce', user_id, name from {{ ref('stg_salesforce__users') }}
),

stages as (
    select pipeline_id, stage_id, stage_name from {{ ref('stg_hubspot__pipeline_stages') }} where object_type = 'deals'
),

opportunities as (
    select
        'hubspot' as system,
        deals.deal_id as opportunity_id,
        'companies' as account_type,
        deal_companies.company_id as account_id,
        deals.type,
        coalesce(stages.stage_name, deals.stage_id) as stage_name,
        deals.owner_id,
        deals.source,
        deals.amount,
        deals.currency,
        cast(deals.probability as numeric(24, 6)) as probability,
        coalesce(deals.is_closed, false) as is_closed,
        coalesce(deals.is_won, false) as is_won,
        deals.lost_reason,
        deals.created_at,
        {{ local_day('deals.created_at') }} as created_date,
        {{ local_day('deals.closed_at') }} as close_date
    from {{ ref('stg_hubspot__deals') }} as deals
    left join deal_companies on deals.deal_id = deal_companies.deal_id
    left join stages on deals.pipeline_id = stages.pipeline_id and deals.stage_id = stages.stage_id
    union all
    select
        'salesforce',
        opportunity_id,
        'accounts',
        account_id,
        type,
        stage_name,
        owner_id,
        lead_source,
        amount,
        currency,
        cast(probability * 0.01 as numeric(24, 6)),
        is_closed,
        is_won,
        lost_reason,
        created_at,
        {{ local_day('created_at') }},
        close_date
    from {{ ref('stg_salesforce__opportunities') }}
),

days as (
    select min(day) as first_day, max(day) as last_day from {{ ref('int_days') }}
),

-- closed ones keep the rate of their day, open ones follow the present one
dated as (
    select
        opportunities.*,
        coalesce(opportunities.currency, '{{ var("reporting_currency") }}') as amount_currency,
        least(
            greatest(case when opportunities.is_closed then opportunities.close_date else days.last_day end, days.first_day),
            days.last_day
        ) as rate_date
    from opportunities
    cross join days
)

select
    dated.system || '/' || dated.opportunity_id as opportunity_key,
    dated.system,
    dated.opportunity_id,
    dated.account_id,
    customers.customer_id,
    dated.type,
    dated.stage_name,
    dated.owner_id,
    owners.owner_name,
    dated.source,
    dated.amount,
    dated.amount_currency as currency,
    {{ converted('dated.amount', 'rates.rate') }} as reporting_amount,
    dated.probability,
    case when dated.is_won then 'won' when dated.is_closed then 'lost' else 'open' end as status,
    dated.lost_reason,
    dated.created_at,
    dated.created_date,
    dated.close_date
from dated
left join {{ ref('exchange_rates') }} as rates on dated.amount_currency = rates.currency and dated.rate_date = rates.rate_date
left join owners on dated.system = owners.system and dated.owner_id = owners.owner_id
left join {{ ref('int_record_customers') }} as customers
    on dated.system = customers.system and dated.account_type = customers.record_type and dated.account_id = customers.record_id
