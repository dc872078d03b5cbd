-- what a customer is worth as a month ends, under each definition and after each of its steps
with items as (
    select * from {{ ref('int_month_end_items') }}
),

keys as (
    select * from {{ ref('int_definition_items') }}
),

discounted as (
    select * from {{ ref('int_definition_discounted_items') }}
),

taxes as (
    select * from {{ ref('int_stripe__item_taxes') }}
),

rates as (
    select * from {{ ref('exchange_rates') }}
),

usage as (
    select customer_id, usage_month as period_start, sum(usage_amount) as usage_amount
    from {{ ref('usage_mrr_months') }}
    group by customer_id, usage_month
),

months as (
    select period_start, last_day from {{ ref('int_periods') }} where grain = 'month'
),

alternatives as (
    select
        keys.policy,
        keys.from_at as period_start,
        keys.subscription_item_id,
        {{ exact_quotient(
            'discounted.numerator * coalesce(taxes.net_part, 1)',
            'discounted.denominator * coalesce(taxes.gross_part, 1) * ' ~ minor_units('keys.currency')
        ) }} as amount
    from discounted
    inner join keys
        on
            discounted.subscription_id = keys.subscription_id
            and discounted.from_at = keys.from_at and discounted.subscription_item_id = keys.subscription_item_id
    left join taxes on discounted.subscription_item_id = taxes.subscription_item_id
),

valued as (
    select
        items.period_start,
        items.last_day,
        items.customer_id,
        items.currency,
        items.subscription_item_id,
        items.status,
        items.is_counted,
        items.is_paid_ahead,
        items.is_collection_paused,
        {{ discount_policy_amounts() }}
        max(items.list_amount) as list_amount,
        coalesce(
            max(case when alternatives.policy = '{{ house_discount_policy() }}' then alternatives.amount end), max(items.monthly_amount)
        ) as monthly_amount,
        max(items.service_date) as service_date
    from items
    left join alternatives
        on items.period_start = alternatives.period_start and items.subscription_item_id = alternatives.subscription_item_id
    group by
        items.period_start, items.last_day, items.customer_id, items.currency, items.subscription_item_id, items.status,
        items.is_counted, items.is_paid_ahead, items.is_collection_paused
),

lines as (
    select
        valued.*,
        rates.rate,
        coalesce(service_rates.rate, rates.rate) as service_rate
    from valued
    inner join rates on valued.currency = rates.currency and valued.last_day = rates.rate_date
    left join rates as service_rates on valued.currency = service_rates.currency and valued.service_date = service_rates.rate_date
),

currencies as (
    select
        period_start,
        customer_id,
        currency,
        {{ definition_step_amounts() }}
        {{ definition_free_flags() }}
        {{ converted('sum(case when is_counted then monthly_amount else 0 end)', 'max(rate)') }} as house
    from lines
    group by period_start, customer_id, currency
),

customers as (
    select
        period_start,
        customer_id,
        {{ definition_currency_sums() }}
        count(*) as currencies
    from currencies
    group by period_start, customer_id
),

paired as (
    select
        customers.*,
        months.last_day as period_end,
        coalesce(usage.usage_amount, 0) as usage_amount
    from customers
    inner join months on customers.period_start = months.period_start
    left join usage on customers.customer_id = usage.customer_id and customers.period_start = usage.period_start
)

select
    customer_id,
    period_start,
    period_end,
    {{ definition_customer_columns() }}
from paired
