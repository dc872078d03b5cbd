-- what was expected on the eve of a period to be won in it, against what was won in it; of periods that are over
with periods as (
    select grain, period_start
    from {{ ref('int_activity_periods') }}
    where
        grain in ('month', 'quarter', 'year')
        and {{ last_day_of_period('grain', 'period_start') }} <= {{ known_until(ref('int_counted_opportunities')) }}
        and period_start > (select min(created_date) from {{ ref('int_counted_opportunities') }})
),

forecasts as (
    select periods.grain, periods.period_start, sum(pipeline.weighted_amount) as forecast_amount
    from periods
    inner join {{ ref('int_pipeline_days') }} as pipeline
        on
            pipeline.day = periods.period_start - 1
            and cast(date_trunc(periods.grain, pipeline.close_month) as date) = periods.period_start
    group by periods.grain, periods.period_start
),

bookings as (
    select period_start, grain, value, sample_size from {{ ref('bookings') }} where dimension = 'all'
),

sums as (
    select
        periods.period_start,
        periods.grain,
        'all' as dimension,
        'all' as member,
        bookings.value - abs(coalesce(forecasts.forecast_amount, 0) - bookings.value) as accurate_amount,
        bookings.value as won_amount,
        bookings.sample_size
    from periods
    inner join bookings on periods.grain = bookings.grain and periods.period_start = bookings.period_start
    left join forecasts on periods.grain = forecasts.grain and periods.period_start = forecasts.period_start
)

{{ kpi_rate('sums', 'accurate_amount', 'won_amount', 'sample_size') }}
