-- new MRR shared out among what brought it, by every model; differences of a rounded running total, so that nothing is lost
with touches as (
    select * from {{ ref('int_attribution_touches') }}
),

weighed as (
    {% for model, weight in attribution_weights('place', 'touches', 'age_days').items() %}
    select
        '{{ model }}' as model,
        customer_id,
        movement_date,
        new_mrr_amount,
        channel,
        campaign_name,
        place,
        cast({{ weight }} as bigint) as weight
    from touches
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

running as (
    select
        *,
        sum(weight) over (partition by model, customer_id order by place rows unbounded preceding) as weight_so_far,
        sum(weight) over (partition by model, customer_id) as whole_weight
    from weighed
),

shared as (
    select
        *,
        {{ exact_quotient(unscaled('new_mrr_amount', 6) ~ ' * weight_so_far', '1000000 * whole_weight') }} as amount_so_far
    from running
),

models as (
    {% for model in attribution_weights('place', 'touches', 'age_days') %}
    select '{{ model }}' as model
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

touched as (
    select distinct customer_id from touches
)

select
    model,
    customer_id,
    movement_date,
    coalesce(channel, 'unknown') as channel,
    coalesce(campaign_name, 'no_campaign') as campaign_name,
    place,
    cast(amount_so_far - coalesce(lag(amount_so_far) over (partition by model, customer_id order by place), 0) as numeric(18, 6)) as amount
from shared
union all
-- what nothing is known to have brought
select
    models.model,
    movements.customer_id,
    movements.movement_date,
    'unattributed',
    'unattributed',
    1,
    movements.amount
from {{ ref('mrr_movements') }} as movements
cross join models
left join touched on movements.customer_id = touched.customer_id
where movements.movement = 'new' and touched.customer_id is null
