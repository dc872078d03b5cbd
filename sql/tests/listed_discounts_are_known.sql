{{ config(severity='warn') }}

-- a discount that a subscription lists but that was never seen whole lowers nothing
with listed as (
    select coalesce({{ json_text('discount.value', 'id') }}, {{ json_scalar('discount.value') }}) as discount_id
    from {{ ref('int_stripe__subscription_observations') }} as observations
    {{ json_elements('observations.discounts', '', 'discount') }}
)

select distinct listed.discount_id
from listed
left join {{ ref('int_stripe__discount_objects') }} as discounts on listed.discount_id = discounts.discount_id
where discounts.discount_id is null
