with open_amounts as (
    {{ kpi_stock_sums(
        ref('int_pipeline_days'), 'amount', 'opportunities', known_until(ref('int_counted_opportunities')),
        {'rep': 'owner_name', 'segment': 'segment'}, grains=['week', 'month', 'quarter', 'year']
    ) }}
),

quotas as (
    select period_start, grain, 'all' as dimension, 'all' as member, quota_amount from {{ ref('int_rep_periods') }}
    union all
    select period_start, grain, 'rep', owner_name, quota_amount from {{ ref('int_rep_periods') }}
    where has_quota
),

-- nobody sets a quota for a segment: each shows what it adds to the coverage of the whole
parts as (
    select period_start, grain, dimension, member, amount, facts, 0 as quota_amount from open_amounts
    union all
    select period_start, grain, dimension, member, 0, 0, quota_amount from quotas
    union all
    select segments.period_start, segments.grain, segments.dimension, segments.member, 0, 0, quotas.quota_amount
    from open_amounts as segments
    inner join quotas on segments.period_start = quotas.period_start and segments.grain = quotas.grain and quotas.dimension = 'all'
    where segments.dimension = 'segment'
),

sums as (
    select period_start, grain, dimension, member, sum(amount) as amount, sum(facts) as facts, sum(quota_amount) as quota_amount
    from parts
    group by period_start, grain, dimension, member
)

{{ kpi_rate('sums', 'amount', 'quota_amount', 'facts') }}
