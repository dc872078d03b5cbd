-- what invoice lines and invoice items say an item was billed for: from the start of the period, at that price, for that quantity
with lines as (
    select * from {{ ref('stg_stripe__invoice_lines') }}
    where subscription_item_id is not null
),

invoice_items as (
    select * from {{ ref('stg_stripe__invoice_items') }}
    where subscription_item_id is not null
),

billed as (
    select
        subscription_id,
        subscription_item_id,
        price_id,
        period_started_at,
        period_ended_at,
        quantity,
        amount,
        is_proration,
        is_credit or amount < 0 as is_credit,
        invoice_id as document_id,
        invoice_line_id as origin
    from lines
    union all
    select
        subscription_id,
        subscription_item_id,
        price_id,
        period_started_at,
        period_ended_at,
        quantity,
        amount,
        is_proration,
        {{ json_is_object('credited_items') }} or amount < 0 as is_credit,
        'pending' as document_id,
        invoice_item_id as origin
    from invoice_items
),

-- a graduated price is billed with one line a tier
debits as (
    select
        subscription_id,
        subscription_item_id,
        price_id,
        period_started_at as billed_from_at,
        period_ended_at as billed_until_at,
        is_proration,
        sum(quantity) as quantity,
        sum(amount) as amount,
        min(origin) as origin
    from billed
    where not is_credit
    group by subscription_id, subscription_item_id, price_id, period_started_at, period_ended_at, is_proration, document_id
),

chosen as (
    select
        *,
        row_number() over (
            partition by subscription_item_id, billed_from_at order by is_proration desc, amount desc, origin desc
        ) as choice
    from debits
),

-- a credit without a debit: the item was removed
removals as (
    select
        credits.subscription_id,
        credits.subscription_item_id,
        credits.period_started_at as billed_from_at,
        min(credits.origin) as origin
    from billed as credits
    left join debits
        on credits.subscription_item_id = debits.subscription_item_id and credits.period_started_at = debits.billed_from_at
    where credits.is_credit and credits.is_proration and debits.subscription_item_id is null
    group by credits.subscription_id, credits.subscription_item_id, credits.period_started_at
),

billings as (
    select subscription_id, subscription_item_id, billed_from_at, price_id, quantity, true as is_present, origin
    from chosen
    where choice = 1
    union all
    select subscription_id, subscription_item_id, billed_from_at, null, 0, false, origin
    from removals
)

select * from billings
