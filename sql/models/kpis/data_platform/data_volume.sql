with loads as (
    select
        source,
        {{ local_day('loaded_at') }} as loaded_date,
        rows_new + rows_changed + rows_deleted as versions
    from {{ source('ops', 'loads') }}
),

sums as (
    {{ kpi_measured('loads', 'loaded_date', 'versions', '1', {'source': 'source'}) }}
)

select
    period_start,
    grain,
    dimension,
    member,
    numerator as value,
    numerator,
    cast(null as numeric(24, 6)) as denominator,
    sample_size
from sums
