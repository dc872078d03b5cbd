-- touches of those who became customers, up to the day of their first MRR; a campaign touches a customer once
with new_customers as (
    select customer_id, min(movement_date) as movement_date, sum(amount) as new_mrr_amount
    from {{ ref('mrr_movements') }}
    where movement = 'new'
    group by customer_id
),

-- one system tells fractions of a second and the other does not
touches as (
    select
        touches.touch_id,
        touches.kind,
        touches.customer_id,
        touches.campaign_name,
        touches.channel,
        touches.touch_date,
        date_trunc('second', touches.touched_at) as touched_second
    from {{ ref('touches') }} as touches
    inner join new_customers on touches.customer_id = new_customers.customer_id
    where touches.touch_date <= new_customers.movement_date
),

others as (
    select distinct customer_id, touch_date from touches where kind <> 'form'
),

-- a form filled in on the day of another touch is how that touch showed
separate as (
    select touches.*
    from touches
    left join others on touches.customer_id = others.customer_id and touches.touch_date = others.touch_date
    where touches.kind <> 'form' or others.customer_id is null
),

first_touches as (
    select
        *,
        row_number() over (
            partition by
                customer_id,
                lower(campaign_name),
                case when campaign_name is null then channel end,
                case when campaign_name is null then touch_date end
            order by touch_date, touched_second, channel, touch_id
        ) as repetition
    from separate
)

select
    first_touches.customer_id,
    new_customers.movement_date,
    new_customers.new_mrr_amount,
    first_touches.channel,
    first_touches.campaign_name,
    max(first_touches.touch_date) over (partition by first_touches.customer_id) - first_touches.touch_date as age_days,
    -- two people of a customer may come in the same second: then the names decide, so that it is always the same
    row_number() over (
        partition by first_touches.customer_id
        order by
            first_touches.touch_date,
            first_touches.touched_second,
            first_touches.channel,
            coalesce(first_touches.campaign_name, ''),
            first_touches.touch_id
    ) as place,
    count(*) over (partition by first_touches.customer_id) as touches
from first_touches
inner join new_customers on first_touches.customer_id = new_customers.customer_id
where first_touches.repetition = 1
