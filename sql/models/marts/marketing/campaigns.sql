-- campaigns of both CRMs side by side; those of one name are the same campaign
with campaigns as (
    select
        'hubspot' as system,
        campaign_id,
        name as campaign_name,
        utm_name,
        cast(null as text) as type,
        status,
        currency,
        budget_amount,
        spend_amount,
        start_date,
        end_date
    from {{ ref('stg_hubspot__campaigns') }}
    union all
    select
        'salesforce',
        campaign_id,
        name,
        null,
        type,
        status,
        currency,
        budget_amount,
        spend_amount,
        start_date,
        end_date
    from {{ ref('stg_salesforce__campaigns') }}
)

select
    system || '/' || campaign_id as campaign_key,
    campaigns.*,
    -- only Salesforce says of what kind a campaign is
    {{ campaign_channel('coalesce(type, max(type) over (partition by lower(campaign_name)))') }} as channel
from campaigns
