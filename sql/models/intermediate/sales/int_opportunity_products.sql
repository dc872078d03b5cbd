-- what an opportunity is about: its largest product, and what of it recurs every year
with lines as (
    select
        'salesforce' as system,
        lines.opportunity_id,
        coalesce(products.name, lines.name) as product_name,
        lines.amount,
        {{ is_one_off('products.family') }} as is_one_off
    from {{ ref('stg_salesforce__opportunity_line_items') }} as lines
    left join {{ ref('stg_salesforce__products') }} as products on lines.product_id = products.product_id
    union all
    select 'hubspot', deals.from_id, lines.name, lines.amount, lines.billing_frequency is null
    from {{ ref('stg_hubspot__line_items') }} as lines
    inner join {{ ref('stg_hubspot__associations') }} as deals
        on lines.line_item_id = deals.to_id and deals.from_type = 'deals' and deals.to_type = 'line_items'
),

ranked as (
    select
        *,
        row_number() over (partition by system, opportunity_id order by coalesce(amount, 0) desc, product_name) as place
    from lines
)

select
    system,
    opportunity_id,
    max(case when place = 1 then lower(product_name) end) as plan,
    sum(case when is_one_off then 0 else amount end) as recurring_amount
from ranked
group by system, opportunity_id
