-- leads of both CRMs side by side; kpis count those of one of them
select
    system || '/' || lead_id as lead_key,
    system,
    lead_id,
    source,
    channel,
    campaign_name,
    campaign_channel,
    country,
    region,
    segment,
    owner_id,
    status,
    score,
    lead_at,
    marketing_qualified_at,
    sales_qualified_at,
    opportunity_at,
    customer_at,
    customer_id,
    {{ local_day('lead_at') }} as lead_date
from {{ ref('int_prospects') }}
where lead_at is not null
