-- the days that figures exist for, from the first activity to the day of the data
with first_days as (
    select min({{ local_day('started_at') }}) as day from {{ ref('int_stripe__subscription_bounds') }}
    union all
    select min({{ local_day('created_at') }}) from {{ ref('stg_stripe__charges') }}
    union all
    select min({{ local_day('started_at') }}) from {{ ref('stg_stripe__meter_event_summaries') }}
),

clock as (
    select * from {{ ref('int_data_as_of') }}
)

{{ date_spine('(select min(day) from first_days)', '(select last_day from clock)') }}
