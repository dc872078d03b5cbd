-- the days of marketing, sales and support, from the first activity to the day of the latest data
with first_days as (
    select min(lead_date) as day from {{ ref('leads') }}
    union all
    select min(created_date) from {{ ref('opportunities') }}
    union all
    select min(created_date) from {{ ref('tickets') }}
    union all
    select min(created_date) from {{ ref('conversations') }}
),

clock as (
    select max(last_day) as last_day
    from {{ ref('int_source_as_of') }}
    where system in ('hubspot', 'salesforce', 'zendesk', 'intercom')
)

{{ date_spine('(select min(day) from first_days)', '(select last_day from clock)') }}
