-- the items of a subscription at every observation
select
    observations.subscription_id,
    observations.observed_at,
    {{ json_text('item.value', 'id') }} as subscription_item_id,
    {{ json_reference('item.value', 'price') }} as price_id,
    cast({{ json_text('item.value', 'quantity') }} as bigint) as quantity,
    {{ epoch('item.value', 'created') }} as created_at,
    {{ json_value('item.value', 'discounts') }} as discounts,
    {{ json_value('item.value', 'price') }} as price_body,
    observations.origin
from {{ ref('int_stripe__subscription_observations') }} as observations
{{ json_elements('observations.items', '', 'item') }}
