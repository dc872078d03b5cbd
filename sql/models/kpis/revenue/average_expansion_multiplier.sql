with sums as (
    select
        periods.grain,
        periods.period_start,
        'all' as dimension,
        'all' as member,
        coalesce(sum(drivers.after_amount), 0) as after_amount,
        coalesce(sum(drivers.before_amount), 0) as before_amount,
        count(distinct drivers.customer_id) as customers
    from {{ ref('int_periods') }} as periods
    left join {{ ref('int_expansion_drivers') }} as drivers
        on
            periods.period_start <= drivers.movement_date and drivers.movement_date <= periods.last_day
            and drivers.driver in ('tier_upgrade', 'seat_expansion')
    where periods.grain in ('month', 'quarter', 'year')
    group by periods.grain, periods.period_start
),

rates as (
    {{ kpi_rate('sums', 'after_amount', 'before_amount', 'customers') }}
)

select * from rates
