{{ kpi_share(
    ref('int_sales_qualified_leads'), 'sales_qualified_date', 'case when is_opportunity then 1 else 0 end',
    dimensions={'rep': 'owner_name', 'segment': 'segment'}
) }}
