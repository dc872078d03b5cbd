-- sales of both CRMs side by side; kpis count those of one of them
with deal_companies as (
    select from_id as deal_id, min(to_id) as company_id
    from {{ ref('stg_hubspot__associations') }}
    where from_type = 'deals' and to_type = 'companies' and position = 1
    group by from_id
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
        companies.employee_count,
        companies.country,
        deals.type,
        coalesce(stages.stage_name, deals.stage_id) as stage_name,
        deals.owner_id,
        deals.source,
        deals.campaign as campaign_id,
        deals.amount,
        deals.annual_amount,
        deals.currency,
        cast(deals.probability as numeric(24, 6)) as probability,
        deals.forecast_category,
        deals.competitor,
        deals.partner,
        deals.partner_role,
        coalesce(deals.is_closed, false) as is_closed,
        coalesce(deals.is_won, false) as is_won,
        deals.won_reason,
        deals.lost_reason,
        deals.created_at,
        {{ local_day('deals.created_at') }} as created_date,
        {{ local_day('deals.closed_at') }} as close_date
    from {{ ref('stg_hubspot__deals') }} as deals
    left join deal_companies on deals.deal_id = deal_companies.deal_id
    left join {{ ref('stg_hubspot__companies') }} as companies on deal_companies.company_id = companies.company_id
    left join stages on deals.pipeline_id = stages.pipeline_id and deals.stage_id = stages.stage_id
    union all
    select
        'salesforce',
        opportunities.opportunity_id,
        'accounts',
        opportunities.account_id,
        accounts.employee_count,
        accounts.country,
        opportunities.type,
        opportunities.stage_name,
        opportunities.owner_id,
        opportunities.lead_source,
        opportunities.campaign_id,
        opportunities.amount,
        cast(null as numeric(24, 6)),
        opportunities.currency,
        cast(opportunities.probability * 0.01 as numeric(24, 6)),
        opportunities.forecast_category,
        opportunities.competitor,
        opportunities.partner,
        lower(opportunities.partner_role),
        opportunities.is_closed,
        opportunities.is_won,
        opportunities.won_reason,
        opportunities.lost_reason,
        opportunities.created_at,
        {{ local_day('opportunities.created_at') }},
        opportunities.close_date
    from {{ ref('stg_salesforce__opportunities') }} as opportunities
    left join {{ ref('stg_salesforce__accounts') }} as accounts on opportunities.account_id = accounts.account_id
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
),

valued as (
    select
        dated.*,
        products.plan,
        coalesce(dated.annual_amount, products.recurring_amount, dated.amount) as recurring_amount,
        {{ converted('dated.amount', 'rates.rate') }} as reporting_amount,
        {{ converted('coalesce(dated.annual_amount, products.recurring_amount, dated.amount)', 'rates.rate') }} as annual_reporting_amount,
        case when dated.is_won then 'won' when dated.is_closed then 'lost' else 'open' end as status
    from dated
    left join {{ ref('exchange_rates') }} as rates on dated.amount_currency = rates.currency and dated.rate_date = rates.rate_date
    left join {{ ref('int_opportunity_products') }} as products
        on dated.system = products.system and dated.opportunity_id = products.opportunity_id
)

select
    valued.system || '/' || valued.opportunity_id as opportunity_key,
    valued.system,
    valued.opportunity_id,
    valued.account_id,
    known.customer_id,
    {{ opportunity_type('valued.type') }} as type,
    valued.plan,
    valued.stage_name,
    valued.owner_id,
    reps.owner_name,
    reps.team as owner_team,
    reps.role as owner_role,
    {{ segment_of('coalesce(valued.employee_count, customers.employee_count)') }} as segment,
    case
        when {{ region_of('valued.country') }} = 'unknown' then coalesce(customers.region, 'unknown')
        else {{ region_of('valued.country') }}
    end as region,
    {{ channel_of('valued.source') }} as source,
    valued.campaign_id,
    valued.competitor,
    valued.partner,
    valued.partner_role,
    valued.amount,
    valued.recurring_amount as annual_amount,
    valued.amount_currency as currency,
    valued.reporting_amount,
    valued.annual_reporting_amount,
    {{ deal_size_of('valued.reporting_amount') }} as deal_size,
    valued.probability,
    valued.forecast_category,
    valued.status,
    case valued.status when 'won' then valued.won_reason when 'lost' then valued.lost_reason end as reason,
    valued.created_at,
    valued.created_date,
    valued.close_date
from valued
left join {{ ref('sales_reps') }} as reps on valued.system = reps.system and valued.owner_id = reps.owner_id
left join {{ ref('int_record_customers') }} as known
    on valued.system = known.system and valued.account_type = known.record_type and valued.account_id = known.record_id
left join {{ ref('int_customer_groups') }} as customers on known.customer_id = customers.customer_id
