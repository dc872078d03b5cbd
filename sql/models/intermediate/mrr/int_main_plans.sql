-- days on which a customer pays, and its main plan then: what was worth most when its balances last changed
with balances as (
    select customer_id, currency, plan_id, from_day, until_day, mrr
    from {{ ref('int_mrr_balances') }}
    where mrr <> 0
),

rates as (
    select * from {{ ref('exchange_rates') }}
),

edges as (
    select customer_id, from_day as day from balances
    union
    select customer_id, until_day from balances
),

spans as (
    select
        customer_id,
        day as from_day,
        lead(day) over (partition by customer_id order by day) as until_day
    from edges
),

worths as (
    select
        spans.customer_id,
        spans.from_day,
        spans.until_day,
        balances.plan_id,
        sum({{ converted('balances.mrr', 'rates.rate') }}) as mrr_amount
    from spans
    inner join balances
        on
            spans.customer_id = balances.customer_id
            and balances.from_day <= spans.from_day and spans.from_day < balances.until_day
    left join rates on balances.currency = rates.currency and spans.from_day = rates.rate_date
    group by spans.customer_id, spans.from_day, spans.until_day, balances.plan_id
),

ranked as (
    select
        *,
        row_number() over (partition by customer_id, from_day order by mrr_amount desc, plan_id) as place
    from worths
)

select customer_id, from_day, until_day, plan_id from ranked where place = 1
