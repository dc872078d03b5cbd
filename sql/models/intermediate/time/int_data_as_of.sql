-- the instant up to which everything that changed at the source is in, and its local day; hours in which nothing changed
-- add nothing, until the next day begins
with loads as (
    select
        source_as_of,
        rows_new + rows_changed + rows_deleted > 0 as brought_rows
    from {{ source('ops', 'loads') }}
    where source = 'stripe'
),

reached as (
    select
        max(case when brought_rows then source_as_of end) as changed_at,
        {{ local_day('max(source_as_of)') }} as last_day
    from loads
)

select
    greatest(changed_at, cast(last_day as timestamp) at time zone '{{ var("timezone") }}') as as_of_at,
    last_day
from reached
