select subscription_id, from_at, subscription_item_id, price_id, product_id, currency, quantity
from intermediate.int_stripe__item_segments
where subscription_id in (select unnest(cast($1 as text[]))) and not is_metered
order by subscription_id, from_at, subscription_item_id
