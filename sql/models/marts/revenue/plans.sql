-- a plan is a product; the name carries the id where several products share it
with versions as {{ fence() }} (
    {{ version_rows('stripe', 'products') }}
),

periods as (
    select distinct product_id from {{ ref('subscription_item_periods') }}
),

named as (
    select
        id as plan_id,
        {{ json_text('body', 'name') }} as name,
        row_number() over (partition by id order by extracted_at desc) as recency
    from versions
),

plans as (
    select
        coalesce(named.plan_id, periods.product_id) as plan_id,
        coalesce(named.name, periods.product_id) as name
    from (select * from named where recency = 1) as named
    full outer join periods on named.plan_id = periods.product_id
    where coalesce(named.plan_id, periods.product_id) is not null
)

select
    plan_id,
    case when count(*) over (partition by name) > 1 then name || ' (' || plan_id || ')' else name end as plan_name
from plans
