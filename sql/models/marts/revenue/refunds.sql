-- money given back, by the day of the refund
with refunds as (
    select *, {{ local_day('created_at') }} as created_date from {{ ref('stg_stripe__refunds') }}
),

charges as (
    select * from {{ ref('stg_stripe__charges') }}
),

rates as (
    select * from {{ ref('exchange_rates') }}
)

select
    refunds.*,
    charges.customer_id,
    coalesce(refunds.status, '') not in ('failed', 'canceled') as is_effective,
    {{ converted('refunds.amount', 'rates.rate') }} as reporting_amount
from refunds
left join charges on refunds.charge_id = charges.charge_id
left join rates on refunds.currency = rates.currency and refunds.created_date = rates.rate_date
