-- of new business; expansions and renewals do not count
with new_business as (
    {{ kpi_count(
        ref('int_counted_opportunities'), 'close_date', {}, "status = 'won' and type = 'new_business'", 'coalesce(reporting_amount, 0)'
    ) }}
)

select * from (
    {{ kpi_growth('new_business', ['week', 'month', 'quarter', 'year'], {'week': 1, 'month': 1, 'quarter': 1, 'year': 1}) }}
) as growth
