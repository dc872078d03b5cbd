-- an item whose price, currency or tiers are unknown would silently be worth nothing
select items.subscription_item_id, items.price_id, bounds.currency
from {{ ref('int_stripe__subscription_item_versions') }} as items
inner join {{ ref('int_stripe__subscription_bounds') }} as bounds on items.subscription_id = bounds.subscription_id
left join {{ ref('int_stripe__prices') }} as prices on items.price_id = prices.price_id and bounds.currency = prices.currency
left join {{ ref('int_stripe__price_amounts') }} as amounts
    on items.price_id = amounts.price_id and bounds.currency = amounts.currency and items.quantity = amounts.quantity
where prices.price_id is null or (not prices.is_metered and items.quantity > 0 and amounts.amount_minor is null)
