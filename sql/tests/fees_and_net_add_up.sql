{{ config(severity='warn') }}

-- Stripe's own identity: net = amount - fee
select balance_transaction_id
from {{ ref('stg_stripe__balance_transactions') }}
where net_amount <> amount - fee_amount
