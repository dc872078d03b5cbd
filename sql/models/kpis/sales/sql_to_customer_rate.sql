{{ kpi_share(
    ref('int_sales_qualified_leads'), 'sales_qualified_date', 'case when is_won then 1 else 0 end', dimensions={'segment': 'segment'},
    witnesses="(select 'stripe' as system union select system from " ~ ref('int_sales_qualified_leads') ~ ") as witnesses"
) }}
