-- lines of invoices that are final: metered usage and services apart from subscriptions; net of discounts
with lines as {{ fence() }} (
    select * from {{ ref('stg_stripe__invoice_lines') }}
),

invoices as (
    select * from {{ ref('invoices') }} where status in ('open', 'paid', 'uncollectible')
),

prices as (
    select distinct price_id, product_id, is_metered, meter_id from {{ ref('int_stripe__prices') }}
),

discounts as (
    select lines.invoice_line_id, sum({{ money('discount.value', 'amount', 'lines.currency') }}) as discount_amount
    from lines
    {{ json_elements('lines.discount_amounts', '', 'discount') }}
    group by lines.invoice_line_id
),

dated as (
    select
        lines.invoice_line_id,
        invoices.customer_id,
        invoices.created_date as invoiced_date,
        lines.currency,
        lines.amount - coalesce(discounts.discount_amount, 0) as amount,
        case
            when prices.is_metered then 'usage'
            when lines.subscription_id is null and not lines.is_proration then 'service'
            else 'subscription'
        end as kind,
        coalesce(meters.display_name, prices.meter_id) as meter,
        coalesce(plans.plan_name, prices.product_id) as product
    from lines
    inner join invoices on lines.invoice_id = invoices.invoice_id
    left join discounts on lines.invoice_line_id = discounts.invoice_line_id
    left join prices on lines.price_id = prices.price_id
    left join {{ ref('stg_stripe__meters') }} as meters on prices.meter_id = meters.meter_id
    left join {{ ref('plans') }} as plans on prices.product_id = plans.plan_id
),

-- the plan beside which something was used: the main one on that day, or the last before
placed as (
    select
        dated.invoice_line_id,
        plans.plan_name,
        row_number() over (partition by dated.invoice_line_id order by paying.from_day desc) as recency
    from dated
    inner join {{ ref('int_main_plans') }} as paying
        on dated.customer_id = paying.customer_id and paying.from_day <= dated.invoiced_date
    inner join {{ ref('plans') }} as plans on paying.plan_id = plans.plan_id
    where dated.kind = 'usage'
)

select
    dated.*,
    placed.plan_name as plan,
    {{ converted('dated.amount', 'rates.rate') }} as reporting_amount
from dated
left join placed on dated.invoice_line_id = placed.invoice_line_id and placed.recency = 1
left join {{ ref('exchange_rates') }} as rates on dated.currency = rates.currency and dated.invoiced_date = rates.rate_date
