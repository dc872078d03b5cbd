{{ kpi_count(
    ref('int_sales_qualified_leads'), 'sales_qualified_date', {'channel': 'channel', 'rep': 'owner_name', 'segment': 'segment'}
) }}
