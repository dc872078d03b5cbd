{% set milestones = ['answered', 'first_resolved', 'last_resolved'] %}

-- seconds from the beginning of a request to its milestones, by the calendar and within opening hours
with milestones as (
    select * from {{ ref('int_request_milestones') }}
),

instants as (
    {% for milestone in ['created'] + milestones %}
    select system, request_id, '{{ milestone }}' as milestone, {{ milestone }}_at as reached_at
    from milestones
    where {{ milestone }}_at is not null
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

zones as (
    select distinct system, timezone from {{ ref('int_support_hours') }}
),

located as (
    select
        instants.system,
        instants.request_id,
        instants.milestone,
        cast(extract(epoch from instants.reached_at) as bigint) as second,
        cast(instants.reached_at at time zone zones.timezone as date) as day
    from instants
    inner join zones on instants.system = zones.system
),

-- seconds of opening hours since the clock's beginning
worked as (
    select
        located.system,
        located.request_id,
        located.milestone,
        min(clock.seconds_before) + sum(
            coalesce(greatest(least(located.second, clock.closes_second) - clock.opens_second, 0), 0)
        ) as seconds
    from located
    inner join {{ ref('int_support_clock') }} as clock on located.system = clock.system and located.day = clock.day
    group by located.system, located.request_id, located.milestone
),

by_request as (
    select
        system,
        request_id,
        {% for milestone in ['created'] + milestones %}
        max(case when milestone = '{{ milestone }}' then seconds end) as {{ milestone }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from worked
    group by system, request_id
)

select
    milestones.system,
    milestones.request_id,
    {% for milestone in milestones %}
    cast(extract(epoch from milestones.{{ milestone }}_at - milestones.created_at) as bigint) as {{ milestone }}_calendar_seconds,
    cast(by_request.{{ milestone }} - by_request.created as bigint) as {{ milestone }}_business_seconds{% if not loop.last %},{% endif %}
    {% endfor %}
from milestones
left join by_request on milestones.system = by_request.system and milestones.request_id = by_request.request_id
