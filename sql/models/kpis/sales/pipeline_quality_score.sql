{{ kpi_share(
    ref('int_qualified_leads'), 'marketing_qualified_date', 'case when opportunity_at >= marketing_qualified_at then 1 else 0 end'
) }}
