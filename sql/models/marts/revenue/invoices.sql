-- invoices in their currency and, at the rate of the day they were made, in reporting currency
with invoices as (
    select * from {{ ref('stg_stripe__invoices') }}
),

rates as (
    select * from {{ ref('exchange_rates') }}
),

credit_notes as (
    select invoice_id, sum(amount) as credited_amount
    from {{ ref('stg_stripe__credit_notes') }}
    where status = 'issued'
    group by invoice_id
),

dated as (
    select
        invoices.*,
        {{ local_day('invoices.created_at') }} as created_date,
        coalesce(credit_notes.credited_amount, 0) as credited_amount
    from invoices
    left join credit_notes on invoices.invoice_id = credit_notes.invoice_id
)

select
    dated.*,
    {{ converted('dated.total_amount', 'rates.rate') }} as reporting_total_amount,
    {{ converted('dated.paid_amount', 'rates.rate') }} as reporting_paid_amount
from dated
left join rates on dated.currency = rates.currency and dated.created_date = rates.rate_date
