-- the periods of an item follow one another
select *
from (
    select
        subscription_item_id,
        from_at,
        until_at,
        lead(from_at) over (partition by subscription_item_id order by from_at) as next_from_at
    from {{ ref('subscription_item_periods') }}
) as periods
where until_at <= from_at or next_from_at < until_at or (until_at is null and next_from_at is not null)
