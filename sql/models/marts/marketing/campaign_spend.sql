-- what was spent on campaigns, item by item, as HubSpot dates it; Salesforce knows a sum only
with items as (
    select
        campaign_budget_item_id,
        campaign_id,
        name as item_name,
        {{ local_day('created_at') }} as spend_date,
        amount,
        coalesce(currency, '{{ var("reporting_currency") }}') as currency
    from {{ ref('stg_hubspot__campaign_budget_items') }}
    where kind = 'spend'
),

days as (
    select min(day) as first_day, max(day) as last_day from {{ ref('int_days') }}
)

select
    items.campaign_budget_item_id as campaign_spend_id,
    campaigns.campaign_key,
    campaigns.campaign_name,
    campaigns.channel,
    items.item_name,
    items.spend_date,
    items.amount,
    items.currency,
    {{ converted('items.amount', 'rates.rate') }} as reporting_amount
from items
cross join days
inner join {{ ref('campaigns') }} as campaigns on campaigns.system = 'hubspot' and items.campaign_id = campaigns.campaign_id
left join {{ ref('exchange_rates') }} as rates
    on
        items.currency = rates.currency
        and rates.rate_date = least(greatest(items.spend_date, days.first_day), days.last_day)
