-- the part of an item's price that is not inclusive tax, from its latest taxed invoice line; net / gross in minor units
with lines as {{ fence() }} (
    select
        lines.*,
        coalesce(lines.subscription_item_id, invoice_items.subscription_item_id) as item_id
    from {{ ref('stg_stripe__invoice_lines') }} as lines
    left join {{ ref('stg_stripe__invoice_items') }} as invoice_items on lines.invoice_item_id = invoice_items.invoice_item_id
    where lines.amount > 0
),

taxes as (
    select lines.invoice_line_id, sum({{ money('tax.value', 'amount', 'lines.currency') }}) as tax_amount
    from lines
    {{ json_elements('lines.taxes', '', 'tax') }}
    where {{ json_text('tax.value', 'tax_behavior') }} = 'inclusive'
    group by lines.invoice_line_id
),

discounts as (
    select lines.invoice_line_id, sum({{ money('discount.value', 'amount', 'lines.currency') }}) as discount_amount
    from lines
    {{ json_elements('lines.discount_amounts', '', 'discount') }}
    group by lines.invoice_line_id
),

ratios as (
    select
        lines.item_id as subscription_item_id,
        lines.invoice_line_id,
        lines.amount - coalesce(discounts.discount_amount, 0) as gross_amount,
        lines.amount - coalesce(discounts.discount_amount, 0) - taxes.tax_amount as net_amount,
        row_number() over (
            partition by lines.item_id
            order by lines.is_proration, lines.period_started_at desc, lines.amount desc, lines.invoice_line_id desc
        ) as recency
    from lines
    inner join taxes on lines.invoice_line_id = taxes.invoice_line_id
    left join discounts on lines.invoice_line_id = discounts.invoice_line_id
    where lines.item_id is not null and lines.amount > coalesce(discounts.discount_amount, 0)
)

select
    subscription_item_id,
    invoice_line_id,
    {{ unscaled('net_amount', 6) }} as net_part,
    {{ unscaled('gross_amount', 6) }} as gross_part
from ratios
where recency = 1
