-- every category, and those without one, as a part of all that began in the period
with counts as (
    select period_start, grain, dimension, member, value as requests
    from {{ ref('ticket_volume') }}
    where dimension in ('all', 'category')
),

shares as (
    select
        parts.period_start,
        parts.grain,
        parts.dimension,
        parts.member,
        parts.requests,
        whole.requests as all_requests
    from counts as parts
    inner join counts as whole on parts.period_start = whole.period_start and parts.grain = whole.grain and whole.dimension = 'all'
)

{{ kpi_rate('shares', 'requests', 'all_requests', 'all_requests') }}
