-- open opportunities x win rate x average amount / days of the sales cycle, multiplied out so that it is rounded once
with open_counts as (
    {{ kpi_stock_sums(
        ref('int_pipeline_days'), 'opportunities', 'opportunities', known_until(ref('int_counted_opportunities')),
        {'segment': 'segment', 'rep': 'owner_name'}, grains=['week', 'month', 'quarter', 'year']
    ) }}
),

closed as (
    {{ kpi_facts(
        ref('int_counted_opportunities'), 'close_date', "case when status = 'won' then 1 else 0 end", '1',
        {'segment': 'segment', 'rep': 'owner_name'}, "status <> 'open'"
    ) }}
),

won as (
    {{ kpi_facts(
        ref('int_counted_opportunities'), 'close_date', 'coalesce(reporting_amount, 0)', 'close_date - created_date',
        {'segment': 'segment', 'rep': 'owner_name'}, "status = 'won'"
    ) }}
),

parts as (
    select
        period_start, grain, dimension, member, amount as open_count, 0 as won_count, 0 as closed_count, 0 as won_amount, 0 as cycle_days
    from open_counts
    union all
    select period_start, grain, dimension, member, 0, numerator, denominator, 0, 0 from closed
    where grain <> 'day'
    union all
    select period_start, grain, dimension, member, 0, 0, 0, numerator, denominator from won
    where grain <> 'day'
),

sums as (
    select
        period_start,
        grain,
        dimension,
        member,
        cast(sum(open_count) as {{ big_integer() }}) as open_count,
        cast(sum(won_count) as {{ big_integer() }}) as won_count,
        cast(sum(closed_count) as {{ big_integer() }}) as closed_count,
        {{ unscaled('sum(won_amount)', 6) }} as won_millionths,
        cast(sum(cycle_days) as {{ big_integer() }}) as cycle_days
    from parts
    group by period_start, grain, dimension, member
)

select
    period_start,
    grain,
    dimension,
    member,
    -- a month has 365/12 days
    {{ exact_quotient('open_count * won_count * won_millionths * 365', 'closed_count * cycle_days * 12000000') }} as value,
    cast(null as numeric(24, 6)) as numerator,
    cast(null as numeric(24, 6)) as denominator,
    cast(closed_count as bigint) as sample_size
from sums
