with loads as (
    select
        source,
        {{ local_day('loaded_at') }} as loaded_date,
        cast(extract(epoch from loaded_at - extracted_at) as numeric(24, 6)) as lag_seconds
    from {{ source('ops', 'loads') }}
),

lags as (
    {{ kpi_measured('loads', 'loaded_date', exact_ratio('lag_seconds', '60'), '1', {'source': 'source'}) }}
)

select * from lags
