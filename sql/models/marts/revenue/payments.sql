-- attempts to collect money with why they failed, what came back and what they cost
with charges as (
    select * from {{ ref('stg_stripe__charges') }}
),

invoice_payments as (
    select
        coalesce(charge_id, payment_intent_id) as paid_by,
        max(invoice_id) as invoice_id
    from {{ ref('stg_stripe__invoice_payments') }}
    group by coalesce(charge_id, payment_intent_id)
),

disputes as (
    select charge_id, max(status) as dispute_status, sum(amount) as disputed_amount
    from {{ ref('stg_stripe__disputes') }}
    group by charge_id
),

balance_transactions as (
    select * from {{ ref('stg_stripe__balance_transactions') }}
),

rates as (
    select * from {{ ref('exchange_rates') }}
),

dated as (
    select *, {{ local_day('created_at') }} as created_date from charges
),

payments as (
    select
        dated.charge_id,
        dated.payment_intent_id,
        coalesce(by_charge.invoice_id, by_intent.invoice_id) as invoice_id,
        dated.customer_id,
        dated.currency,
        dated.amount,
        dated.captured_amount,
        dated.refunded_amount,
        coalesce(disputes.disputed_amount, 0) as disputed_amount,
        disputes.dispute_status,
        balance_transactions.fee_amount,
        balance_transactions.currency as fee_currency,
        dated.status,
        dated.status = 'failed' as is_failed,
        dated.failure_code,
        dated.failure_message,
        dated.payment_method_type,
        dated.created_at,
        dated.created_date,
        {{ converted('dated.amount', 'rates.rate') }} as reporting_amount
    from dated
    left join invoice_payments as by_charge on dated.charge_id = by_charge.paid_by
    left join invoice_payments as by_intent on dated.payment_intent_id = by_intent.paid_by
    left join disputes on dated.charge_id = disputes.charge_id
    left join balance_transactions on dated.balance_transaction_id = balance_transactions.balance_transaction_id
    left join rates on dated.currency = rates.currency and dated.created_date = rates.rate_date
)

select * from payments
