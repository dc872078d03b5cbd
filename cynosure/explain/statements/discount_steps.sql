-- the discounts that lower an item from an instant on, in their order, and the items that bear them together
select
    steps.subscription_id,
    steps.from_at,
    discounts.coupon_id,
    steps.subscription_item_id,
    cast(discounts.coupon_body as text)
from intermediate.int_stripe__discount_steps as steps
inner join intermediate.int_stripe__discount_objects as discounts on steps.discount_id = discounts.discount_id
where steps.subscription_id in (select unnest(cast($1 as text[])))
order by steps.subscription_id, steps.from_at, steps.step
