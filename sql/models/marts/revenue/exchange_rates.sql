-- units of the reporting currency for one unit of a currency on a day, from the latest published rates
with published as (
    select
        currency,
        published_date,
        units_per_euro,
        lag(published_date) over (partition by currency order by published_date) is null as is_first,
        lead(published_date) over (partition by currency order by published_date) as next_date
    from {{ ref('stg_ecb__reference_rates') }}
),

days as (
    select * from {{ ref('int_days') }}
),

per_euro as (
    select
        published.currency,
        days.day,
        published.units_per_euro
    from published
    inner join days
        on
            (days.day >= published.published_date or published.is_first)
            and (published.next_date is null or days.day < published.next_date)
    union all
    select 'EUR', day, cast(1 as numeric(24, 12)) from days
),

reporting as (
    select day, units_per_euro from per_euro where currency = '{{ var("reporting_currency") }}'
),

rates as (
    select
        per_euro.currency,
        per_euro.day as rate_date,
        {{ exact_quotient(unscaled('reporting.units_per_euro', 12), unscaled('per_euro.units_per_euro', 12), 8) }} as rate
    from per_euro
    inner join reporting on per_euro.day = reporting.day
    where per_euro.currency <> '{{ var("reporting_currency") }}'
    union all
    select '{{ var("reporting_currency") }}', day, cast(1 as numeric(18, 8)) from days
)

select * from rates
