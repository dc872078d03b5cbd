with visits as (
    {{ kpi_facts(
        ref('int_stage_visits'), 'left_date', 'seconds', '1', {'stage': 'stage_name', 'rep': 'owner_name'}, 'left_date is not null'
    ) }}
)

select
    period_start,
    grain,
    dimension,
    member,
    {{ exact_ratio('numerator', 'denominator * 86400') }} as value,
    {{ exact_ratio('numerator', '86400') }} as numerator,
    cast(denominator as numeric(24, 6)) as denominator,
    cast(facts as bigint) as sample_size
from visits
