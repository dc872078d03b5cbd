-- the largest part of all, and the part of every source
with counts as (
    select * from {{ ref('mql_count') }} where dimension in ('all', 'channel')
),

shares as (
    select
        parts.period_start,
        parts.grain,
        'source' as dimension,
        parts.member,
        parts.value as leads,
        whole.value as all_leads
    from counts as parts
    inner join counts as whole on parts.period_start = whole.period_start and parts.grain = whole.grain and whole.dimension = 'all'
    where parts.dimension = 'channel'
),

figures as (
    select period_start, grain, dimension, member, leads, all_leads from shares
    union all
    select
        whole.period_start,
        whole.grain,
        'all',
        'all',
        coalesce(max(shares.leads), 0),
        whole.value
    from counts as whole
    left join shares on whole.period_start = shares.period_start and whole.grain = shares.grain
    where whole.dimension = 'all'
    group by whole.period_start, whole.grain, whole.value
)

{{ kpi_rate('figures', 'leads', 'all_leads', 'all_leads') }}
