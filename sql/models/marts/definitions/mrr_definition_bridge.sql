-- from the house's figure to each definition's, switch by switch: the amounts of a definition, measure and month add up to its figure
with rows as (
    {{ definition_bridge_rows(ref('int_definition_totals')) }}
)

select
    definition,
    measure,
    period_start,
    period_end,
    position,
    cause,
    cast(coalesce(amount, 0) as numeric(18, 6)) as amount
from rows
