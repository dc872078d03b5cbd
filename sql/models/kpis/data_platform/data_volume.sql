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

{{ kpi_value('sums', 'numerator', 'sample_size') }}
