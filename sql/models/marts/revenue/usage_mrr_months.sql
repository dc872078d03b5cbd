-- metered usage of a month through the price's tiers, whatever the invoice date; shown beside MRR, never inside
with usage as (
    select * from {{ ref('int_stripe__usage') }}
),

amounts as (
    select * from {{ ref('int_stripe__price_amounts') }}
),

rates as (
    select * from {{ ref('exchange_rates') }}
),

days as (
    select max(day) as last_day from {{ ref('int_days') }}
),

valued as (
    select
        usage.*,
        {{ exact_quotient(
            "cast(amounts.amount_minor * cast(1000000000000 as numeric(13, 0)) as " ~ big_integer() ~ ")",
            "cast(1000000000000 as " ~ big_integer() ~ ") * " ~ minor_units('usage.currency')
        ) }} as native_usage_amount,
        least(cast(usage.usage_month + interval '1 month' as date) - 1, days.last_day) as valued_date
    from usage
    cross join days
    left join amounts
        on usage.price_id = amounts.price_id and usage.currency = amounts.currency and usage.quantity = amounts.quantity
)

select
    valued.customer_id,
    valued.meter_id,
    valued.usage_month,
    valued.subscription_id,
    valued.price_id,
    valued.quantity,
    valued.currency,
    valued.native_usage_amount,
    {{ converted('valued.native_usage_amount', 'rates.rate') }} as usage_amount
from valued
left join rates on valued.currency = rates.currency and valued.valued_date = rates.rate_date
